# SPDX-License-Identifier: MIT
# acre_load_board(<directory>): reads board.json, which the build and boards/run.py share, into
# ACRE_BOARD_<KEY> variables, and checks that the compiler is for this board.

function(acre_load_board directory)
  set(file "${directory}/board.json")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(READ "${file}" json)
  foreach(key platform toolchain icount_shift tick_picoseconds stack_bytes test_stack_bytes heap_bytes)
    string(TOUPPER "ACRE_BOARD_${key}" variable)
    string(JSON ${variable} GET "${json}" ${key})
    set(${variable} "${${variable}}" PARENT_SCOPE)
  endforeach()

  get_filename_component(name "${directory}" NAME)
  if(ACRE_BOARD_PLATFORM STREQUAL "host")
    if(CMAKE_CROSSCOMPILING)
      message(FATAL_ERROR "acre: board ${name} is for this machine, but the compiler is not")
    endif()
  elseif(NOT ACRE_TOOLCHAIN_CPU STREQUAL ACRE_BOARD_TOOLCHAIN)
    message(FATAL_ERROR "acre: board ${name} needs toolchains/${ACRE_BOARD_TOOLCHAIN}.cmake "
                        "(cmake --preset ${name} sets it)")
  else()
    set(ACRE_BOARD_LINKER_SCRIPT "${directory}/link.ld" PARENT_SCOPE)
  endif()
endfunction()
