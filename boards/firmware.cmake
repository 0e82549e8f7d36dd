# SPDX-License-Identifier: MIT
# acre_add_firmware: a program for the board that the build chose, or on hosts an ordinary one.

# acre_add_firmware(<name> SOURCES <file>... [LIBS <target>...] [STACK <bytes>] [HEAP <bytes>|REST])
#
# A source defines `extern "C" int acre_main()`; its result becomes the exit code.
# STACK and HEAP default to the board's; STACK is that of core 0, the others have the board's. HEAP REST gives the heap all RAM that is left. Hosts have a
# heap region of the same size (REST: the board's default) and ignore STACK.
# The target runs under QEMU wherever CMake runs it: in add_test(COMMAND <name>) and in a custom
# command.
function(acre_add_firmware name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "STACK;HEAP" "SOURCES;LIBS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "acre_add_firmware(${name}): needs SOURCES; does not know "
                        "\"${arg_UNPARSED_ARGUMENTS}\"")
  endif()
  acre_add_program(${name} SOURCES ${arg_SOURCES} LIBS ${arg_LIBS}
                   STACK "${arg_STACK}" HEAP "${arg_HEAP}")
  acre_board_variables()
  if(ACRE_BOARD_PLATFORM STREQUAL "host")
    target_sources(${name} PRIVATE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../platform/host/main.cpp")
  endif()
endfunction()

# As acre_add_firmware, but on hosts without a main(): for programs that bring one, such as tests.
function(acre_add_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "STACK;HEAP" "SOURCES;LIBS")
  acre_board_variables()
  if(NOT arg_STACK)
    set(arg_STACK ${ACRE_BOARD_STACK_BYTES})
  endif()
  if("${arg_HEAP}" STREQUAL "")
    set(arg_HEAP ${ACRE_BOARD_HEAP_BYTES})
  endif()

  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBS} acre::platform)

  if(ACRE_BOARD_PLATFORM STREQUAL "host")
    if(arg_HEAP STREQUAL "REST")
      set(arg_HEAP ${ACRE_BOARD_HEAP_BYTES})
    endif()
    target_sources(${name} PRIVATE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../platform/host/heap.cpp")
    target_compile_definitions(${name} PRIVATE ACRE_HEAP_BYTES=${arg_HEAP})
    return()
  endif()

  if(arg_HEAP STREQUAL "REST")
    set(arg_HEAP 0)  # what the linker script takes for it
  endif()
  math(EXPR other_cores "${ACRE_BOARD_CORES} - 1")
  set_target_properties(${name} PROPERTIES
    SUFFIX .elf
    LINK_DEPENDS "${ACRE_BOARD_LINKER_SCRIPT};${CMAKE_CURRENT_FUNCTION_LIST_DIR}/common/sections.ld")
  # No C library: what the code needs is in acre::platform and libgcc.
  target_link_options(${name} PRIVATE
    -nostdlib -static
    -Wl,--gc-sections
    "-L${CMAKE_CURRENT_FUNCTION_LIST_DIR}/common"
    "-T${ACRE_BOARD_LINKER_SCRIPT}"
    -Wl,--defsym=acre_other_cores=${other_cores}
    -Wl,--defsym=acre_other_stack_bytes=${ACRE_BOARD_STACK_BYTES}
    -Wl,--defsym=acre_stack_bytes=${arg_STACK}
    -Wl,--defsym=acre_heap_bytes=${arg_HEAP}
    "-Wl,-Map=$<TARGET_FILE:${name}>.map"
    -Wl,--fatal-warnings)
  target_link_libraries(${name} PRIVATE gcc)
  set_target_properties(${name} PROPERTIES CROSSCOMPILING_EMULATOR
    "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/run.py;--board;${ACRE_BOARD}")
endfunction()
