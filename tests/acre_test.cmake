# SPDX-License-Identifier: MIT
# acre_add_test: one test program from the same sources for every board.

if(ACRE_BOARD_PLATFORM STREQUAL "host")
  include(tools/cmake/googletest.cmake)
endif()

# ./acre test runs all tests on some boards, and on the others these, which are what differs between
# boards: the platform, the firmware's GoogleTest, allocators on several cores, and the laws of each
# allocator.
set_property(GLOBAL PROPERTY ACRE_SELF_TEST "^test_|^cores_|_conformance_test$")
add_custom_target(acre_self_test COMMENT "The images of the tests with the label self_test")

# acre_test_labels(<test> <target> [TIMEOUT <seconds>]): labels a test with the board's name, and with
# self_test if it is one of the set, so that acre_self_test builds its target.
function(acre_test_labels test target)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "TIMEOUT" "")
  acre_board_variables()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(ACRE_TEST_TIMEOUT_SCALE)  # for slow ways to run, such as Valgrind
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * ${ACRE_TEST_TIMEOUT_SCALE}")
  endif()
  set(labels ${ACRE_BOARD})
  get_property(self_test GLOBAL PROPERTY ACRE_SELF_TEST)
  if(test MATCHES "${self_test}")
    list(APPEND labels self_test)
    add_dependencies(acre_self_test ${target})
  endif()
  set_tests_properties(${test} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${labels}")
endfunction()

# acre_add_test(<name> SOURCES <file>... [LIBS <target>...] [STACK <bytes>] [HEAP <bytes>|REST]
#               [RAM <bytes>] [RUNS [icount] [wall_clock]] [TIMEOUT <seconds>] [SHIM])
#
# On hosts a GoogleTest program, on boards a firmware image with the GoogleTest of tests/target that
# runs under QEMU. Registered with CTest under its name, with the board's name as its label.
# On boards STACK defaults to the board's test_stack_bytes, because fixtures live on the stack, and
# HEAP to REST; a board with less than RAM bytes leaves the test out, and then there is no target
# <name>. SHIM uses the firmware's GoogleTest on hosts too.
#
# RUNS says how time passes on boards. `icount`, the default: by instructions, so that each run is the
# same run; the cores of a board take turns. `wall_clock`: as on the host, the cores at once, each a
# thread of the host; no two runs are the same. That test is <name>_wall_clock. One image can do both.
function(acre_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SHIM" "STACK;HEAP;RAM;TIMEOUT" "SOURCES;LIBS;RUNS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "acre_add_test(${name}): needs SOURCES; does not know "
                        "\"${arg_UNPARSED_ARGUMENTS}\"")
  endif()
  acre_board_variables()
  if(arg_RAM)
    acre_board_lacks_ram(too_small ${name} ${arg_RAM})
    if(too_small)
      return()
    endif()
  endif()
  if(NOT arg_STACK)
    set(arg_STACK ${ACRE_BOARD_TEST_STACK_BYTES})
  endif()
  if("${arg_HEAP}" STREQUAL "")
    set(arg_HEAP REST)
  endif()
  if(NOT arg_RUNS OR ACRE_BOARD_PLATFORM STREQUAL "host")
    set(arg_RUNS icount)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()

  set(program ${name} SOURCES ${arg_SOURCES} STACK ${arg_STACK} HEAP ${arg_HEAP})
  if(ACRE_BOARD_PLATFORM STREQUAL "host" AND NOT arg_SHIM)
    acre_add_program(${program} LIBS ${arg_LIBS} acre_warnings GTest::gtest GTest::gtest_main)
  else()
    list(INSERT program 2 "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/target/main.cpp")
    acre_add_firmware(${program} LIBS ${arg_LIBS} acre_warnings acre_test_shim)
    target_compile_definitions(${name} PRIVATE "ACRE_TEST_IMAGE=\"${name}\"")
  endif()
  foreach(run IN LISTS arg_RUNS)
    if(run STREQUAL "icount")
      set(test ${name})
      add_test(NAME ${test} COMMAND ${name})
    elseif(run STREQUAL "wall_clock")
      set(test ${name}_wall_clock)
      get_target_property(emulator ${name} CROSSCOMPILING_EMULATOR)
      add_test(NAME ${test} COMMAND ${emulator} --wall-clock $<TARGET_FILE:${name}>)
    else()
      message(FATAL_ERROR "acre_add_test(${name}): RUNS knows icount and wall_clock, not ${run}")
    endif()
    acre_test_labels(${test} ${name} TIMEOUT ${arg_TIMEOUT})
    if(run STREQUAL "wall_clock")
      set_tests_properties(${test} PROPERTIES PROCESSORS ${ACRE_BOARD_CORES})
    endif()
  endforeach()
endfunction()

# In this order, because the shim's own tests use the function.
add_subdirectory("${CMAKE_CURRENT_LIST_DIR}/target" "${CMAKE_CURRENT_BINARY_DIR}/tests/target")
