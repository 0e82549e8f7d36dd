# SPDX-License-Identifier: MIT
# acre_add_test: one test program from the same sources for every board.

if(ACRE_BOARD_PLATFORM STREQUAL "host")
  find_package(GTest REQUIRED)
endif()

# acre_add_test(<name> SOURCES <file>... [LIBS <target>...] [STACK <bytes>] [HEAP <bytes>|REST]
#               [TIMEOUT <seconds>] [SHIM])
#
# On hosts a GoogleTest program, on boards a firmware image with the GoogleTest of tests/target that
# runs under QEMU. Registered with CTest under its name, with the board's name as its label.
# On boards STACK defaults to the board's test_stack_bytes, because fixtures live on the stack, and
# HEAP to REST. SHIM uses the firmware's GoogleTest on hosts too.
function(acre_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SHIM" "STACK;HEAP;TIMEOUT" "SOURCES;LIBS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "acre_add_test(${name}): needs SOURCES; does not know "
                        "\"${arg_UNPARSED_ARGUMENTS}\"")
  endif()
  if(NOT arg_STACK)
    set(arg_STACK ${ACRE_BOARD_TEST_STACK_BYTES})
  endif()
  if("${arg_HEAP}" STREQUAL "")
    set(arg_HEAP REST)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(ACRE_TEST_TIMEOUT_SCALE)  # for slow ways to run, such as Valgrind
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * ${ACRE_TEST_TIMEOUT_SCALE}")
  endif()

  set(program ${name} SOURCES ${arg_SOURCES} STACK ${arg_STACK} HEAP ${arg_HEAP})
  if(ACRE_BOARD_PLATFORM STREQUAL "host" AND NOT arg_SHIM)
    acre_add_program(${program} LIBS ${arg_LIBS} acre_warnings GTest::gtest GTest::gtest_main)
  else()
    list(INSERT program 2 "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/target/main.cpp")
    acre_add_firmware(${program} LIBS ${arg_LIBS} acre_warnings acre_test_shim)
    target_compile_definitions(${name} PRIVATE "ACRE_TEST_IMAGE=\"${name}\"")
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS ${ACRE_BOARD})
endfunction()

# In this order, because the shim's own tests use the function.
add_subdirectory("${CMAKE_CURRENT_LIST_DIR}/target" "${CMAKE_CURRENT_BINARY_DIR}/tests/target")
