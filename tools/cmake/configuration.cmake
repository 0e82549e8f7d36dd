# SPDX-License-Identifier: MIT
# The configuration of a build: writes generated/acre/autoconf.h, and sets each CONFIG_ACRE_<name> of
# it as a CMake variable, so that CMake chooses files and config.hpp chooses behaviour from one source.
#
# Where it comes from, first match:
#   ACRE_AUTOCONF   a header written by hand
#   Kconfig         where a python3 can import kconfiglib (and ACRE_KCONFIG is on): ACRE_DEFCONFIG,
#                   then ACRE_CONFIG, then what ./acre menuconfig has edited in <build>/.config
#   otherwise       core/default/acre/autoconf.h, with ACRE_DEFCONFIG and ACRE_CONFIG laid over it
#                   as plain text (nothing checks them then)

include(${CMAKE_CURRENT_LIST_DIR}/autoconf.cmake)

set(ACRE_AUTOCONF "" CACHE FILEPATH "A configuration header written by hand, instead of Kconfig")
set(ACRE_DEFCONFIG "" CACHE FILEPATH "The configuration to start from (default: the board's)")
set(ACRE_CONFIG "" CACHE STRING "Options on top of the defconfig, e.g. CONFIG_ACRE_CHECK_FULL=y;...")
option(ACRE_KCONFIG "Use Kconfig where a python3 with kconfiglib is found" ON)
mark_as_advanced(ACRE_KCONFIG)

# The first python3 of PATH is often one that cannot see Debian's modules, so each is tried.
function(acre_python_has_kconfiglib result_variable candidate)
  execute_process(COMMAND "${candidate}" -c "import kconfiglib" RESULT_VARIABLE status
                  OUTPUT_QUIET ERROR_QUIET)
  if(NOT status EQUAL 0)
    set(${result_variable} FALSE PARENT_SCOPE)
  endif()
endfunction()

# Writes `output`: the header `base` with the assignments of a list laid over it.
function(acre_overlay_autoconf base output assignments)
  file(READ "${base}" text)
  foreach(line IN LISTS assignments)
    string(REGEX REPLACE "^# (CONFIG_ACRE_[A-Z0-9_]+) is not set$" "\\1=n" line "${line}")
    if(line MATCHES "^(CONFIG_ACRE_[A-Z0-9_]+)=(.*)$")
      set(name "${CMAKE_MATCH_1}")
      set(value "${CMAKE_MATCH_2}")
      string(REGEX REPLACE "#define ${name} [^\n]*\n" "" text "${text}")
      if(value STREQUAL "y")
        set(value 1)
      endif()
      if(NOT value STREQUAL "n")
        string(APPEND text "#define ${name} ${value}\n")
      endif()
    endif()
  endforeach()
  file(CONFIGURE OUTPUT "${output}" CONTENT "${text}" @ONLY)
endfunction()

set(acre_generated_dir "${CMAKE_CURRENT_BINARY_DIR}/generated")
set(acre_autoconf "${acre_generated_dir}/acre/autoconf.h")
set(acre_dot_config "${CMAKE_CURRENT_BINARY_DIR}/.config")

set(acre_defconfig "${ACRE_DEFCONFIG}")
if(acre_defconfig STREQUAL "")
  set(acre_defconfig "${CMAKE_CURRENT_SOURCE_DIR}/boards/${ACRE_BOARD}/defconfig")
  if(ACRE_BOARD STREQUAL "none" AND NOT CMAKE_SYSTEM_NAME STREQUAL "Generic")
    set(acre_defconfig "${CMAKE_CURRENT_SOURCE_DIR}/boards/host/defconfig")
  endif()
  if(NOT EXISTS "${acre_defconfig}")
    set(acre_defconfig "")
  endif()
elseif(NOT EXISTS "${acre_defconfig}")
  message(FATAL_ERROR "ACRE_DEFCONFIG: there is no file ${acre_defconfig}")
endif()

find_program(ACRE_PYTHON NAMES python3 HINTS /usr/bin NO_CMAKE_FIND_ROOT_PATH
             VALIDATOR acre_python_has_kconfiglib
             DOC "A python3 that can import kconfiglib")

if(NOT ACRE_AUTOCONF STREQUAL "")
  if(NOT EXISTS "${ACRE_AUTOCONF}")
    message(FATAL_ERROR "ACRE_AUTOCONF: there is no file ${ACRE_AUTOCONF}")
  endif()
  message(STATUS "acre: configuration from ${ACRE_AUTOCONF}")
  configure_file("${ACRE_AUTOCONF}" "${acre_autoconf}" COPYONLY)
elseif(ACRE_KCONFIG AND ACRE_PYTHON)
  set(arguments --kconfig "${CMAKE_CURRENT_SOURCE_DIR}/Kconfig" --config "${acre_dot_config}"
                --header "${acre_autoconf}" --depends "${acre_generated_dir}/kconfig.depends")
  if(acre_defconfig)
    list(APPEND arguments --defconfig "${acre_defconfig}")
  endif()
  foreach(assignment IN LISTS ACRE_CONFIG)
    list(APPEND arguments --set "${assignment}")
  endforeach()
  execute_process(COMMAND "${ACRE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/tools/kconfig.py" generate
                          ${arguments}
                  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "acre: the configuration is wrong\n${output}")
  endif()
  if(NOT output STREQUAL "")
    message(STATUS "acre: ${output}")
  endif()
  message(STATUS "acre: configuration from Kconfig (${acre_dot_config})")
  file(STRINGS "${acre_generated_dir}/kconfig.depends" kconfig_files)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kconfig_files} ${acre_defconfig}
               "${acre_dot_config}" "${CMAKE_CURRENT_SOURCE_DIR}/tools/kconfig.py")
  foreach(command menuconfig savedefconfig)
    add_custom_target(acre_${command}
      COMMAND "${ACRE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/tools/kconfig.py" ${command}
              --kconfig "${CMAKE_CURRENT_SOURCE_DIR}/Kconfig" --config "${acre_dot_config}"
      USES_TERMINAL VERBATIM)
  endforeach()
else()
  message(STATUS "acre: no python3 with kconfiglib is used: configuration from "
                 "core/default/acre/autoconf.h")
  set(assignments "")
  if(acre_defconfig)
    file(STRINGS "${acre_defconfig}" assignments)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${acre_defconfig}")
  endif()
  list(APPEND assignments ${ACRE_CONFIG})
  set(default_header "${CMAKE_CURRENT_SOURCE_DIR}/core/default/acre/autoconf.h")
  acre_overlay_autoconf("${default_header}" "${acre_autoconf}" "${assignments}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${default_header}")
endif()

acre_import_autoconf("${acre_autoconf}")

# What gives a target <acre/autoconf.h>.
add_library(acre_config INTERFACE)
add_library(acre::config ALIAS acre_config)
set_target_properties(acre_config PROPERTIES EXPORT_NAME config)
target_include_directories(acre_config INTERFACE "$<BUILD_INTERFACE:${acre_generated_dir}>")
