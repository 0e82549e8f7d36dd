# SPDX-License-Identifier: MIT
# The board's facts, in ACRE_BOARD_<KEY> variables. They come from board.json, which the build and
# boards/run.py share, and are kept in global properties, so that acre_add_firmware also works in the
# directories of a project that has acre as a subproject.

set(acre_board_keys platform toolchain cores ram_bytes icount_shift tick_picoseconds stack_bytes
                    test_stack_bytes heap_bytes)
set_property(GLOBAL PROPERTY ACRE_BOARD_KEYS ${acre_board_keys} linker_script)

# Sets the variables in the caller.
macro(acre_board_variables)
  get_property(acre_board_keys GLOBAL PROPERTY ACRE_BOARD_KEYS)
  foreach(acre_board_key IN LISTS acre_board_keys)
    string(TOUPPER "ACRE_BOARD_${acre_board_key}" acre_board_variable)
    get_property(${acre_board_variable} GLOBAL PROPERTY ${acre_board_variable})
  endforeach()
endmacro()

# acre_board_lacks_ram(<variable> <program> <bytes>): true where the board has less RAM than the program
# needs. That is said when CMake runs, and kept in left_out.txt, from which ./acre test says it again:
# a program that is left out must not look like one that passed.
function(acre_board_lacks_ram variable program bytes)
  acre_board_variables()
  if(ACRE_BOARD_PLATFORM STREQUAL "host" OR NOT ACRE_BOARD_RAM_BYTES LESS bytes)
    set(${variable} FALSE PARENT_SCOPE)
    return()
  endif()
  message(STATUS "acre: ${program} is left out: it needs ${bytes} bytes of RAM, and the board has "
                 "${ACRE_BOARD_RAM_BYTES}")
  file(APPEND "${CMAKE_BINARY_DIR}/left_out.txt" "${program}\n")
  set(${variable} TRUE PARENT_SCOPE)
endfunction()

# Reads <directory>/board.json, and checks that the compiler is for this board.
function(acre_load_board directory)
  set(file "${directory}/board.json")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(READ "${file}" json)
  foreach(key IN LISTS acre_board_keys)
    string(TOUPPER "ACRE_BOARD_${key}" variable)
    string(JSON value GET "${json}" ${key})
    set_property(GLOBAL PROPERTY ${variable} "${value}")
  endforeach()
  file(WRITE "${CMAKE_BINARY_DIR}/left_out.txt" "")
  set_property(GLOBAL PROPERTY ACRE_BOARD_LINKER_SCRIPT "${directory}/link.ld")
  acre_board_variables()

  get_filename_component(name "${directory}" NAME)
  if(ACRE_BOARD_PLATFORM STREQUAL "host")
    if(CMAKE_SYSTEM_NAME STREQUAL "Generic")
      message(FATAL_ERROR "acre: board ${name} is for an operating system, and the compiler is for none")
    endif()
  elseif(NOT ACRE_TOOLCHAIN_CPU STREQUAL ACRE_BOARD_TOOLCHAIN)
    message(FATAL_ERROR "acre: board ${name} needs toolchains/${ACRE_BOARD_TOOLCHAIN}.cmake "
                        "(cmake --preset ${name} sets it)")
  endif()
endfunction()
