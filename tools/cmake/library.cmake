# SPDX-License-Identifier: MIT
# What a program runs with that was linked to this version: 0.<minor>, and from 1 on <major>.
set(acre_abi_version ${PROJECT_VERSION_MAJOR})
if(acre_abi_version EQUAL 0)
  string(APPEND acre_abi_version .${PROJECT_VERSION_MINOR})
endif()

# acre_add_library(<name> <source>...): the library acre_<name>, which products call acre::<name>. Static on
# boards; elsewhere as BUILD_SHARED_LIBS says. A shared one exports what is marked ACRE_API and nothing else.
function(acre_add_library name)
  set(library acre_${name})
  if(CMAKE_SYSTEM_NAME STREQUAL "Generic")
    add_library(${library} STATIC ${ARGN})
  else()
    add_library(${library} ${ARGN})
  endif()
  add_library(acre::${name} ALIAS ${library})
  target_compile_features(${library} PUBLIC cxx_std_20)
  set_target_properties(${library} PROPERTIES CXX_EXTENSIONS OFF EXPORT_NAME ${name})
  # A product that exports targets of its own need not know of the warnings.
  target_link_libraries(${library} PRIVATE $<BUILD_INTERFACE:acre_warnings>)
  target_compile_options(${library} PRIVATE -fno-exceptions -fno-rtti)
  if(CMAKE_SYSTEM_NAME STREQUAL "Generic")
    # The RISC-V compiler has a <stdint.h> of its own only for freestanding code; sections let the linker
    # drop what a program does not call.
    target_compile_options(${library} PRIVATE -ffreestanding -ffunction-sections -fdata-sections)
  endif()

  get_target_property(type ${library} TYPE)
  if(type STREQUAL "SHARED_LIBRARY")
    set(hide_inlines ON)
    if(WIN32)
      set(hide_inlines OFF)  # there it would drop those that are marked
    endif()
    set_target_properties(${library} PROPERTIES
      CXX_VISIBILITY_PRESET hidden
      VISIBILITY_INLINES_HIDDEN ${hide_inlines}
      BUILD_RPATH_USE_ORIGIN ON  # the place of the build would leave its length in the file
      VERSION ${PROJECT_VERSION} SOVERSION ${acre_abi_version})
    target_compile_definitions(${library} PRIVATE ACRE_EXPORTS)
    # A unique symbol would keep the library in a process after dlclose().
    target_compile_options(${library} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  endif()
endfunction()
