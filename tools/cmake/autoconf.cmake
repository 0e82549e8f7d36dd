# SPDX-License-Identifier: MIT
# Reads a configuration header. Installed too, for acre-config.cmake.

# Sets, in the caller, the CONFIG_ACRE_ variables that `header` defines.
function(acre_import_autoconf header)
  file(STRINGS "${header}" lines REGEX "^[ \t]*#[ \t]*define[ \t]+CONFIG_ACRE_")
  foreach(line IN LISTS lines)
    if(line MATCHES "define[ \t]+(CONFIG_ACRE_[A-Z0-9_]+)[ \t]*([^ \t/]*)")
      set(value "${CMAKE_MATCH_2}")
      if(value STREQUAL "")
        set(value 1)
      endif()
      set(${CMAKE_MATCH_1} "${value}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()
