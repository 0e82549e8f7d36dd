# SPDX-License-Identifier: MIT
# Runs the program that must fail, and compares its output and its exit code with what is expected.
# cmake -DCOMMAND=<program;arguments> -DEXPECTED=<file> -DBOARD=<name> -P check_failures.cmake
execute_process(COMMAND ${COMMAND} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE code)

# Where the sources lie and how deep the stack was is not part of what is expected.
string(REPLACE "${CMAKE_CURRENT_LIST_DIR}/" "" output "${output}")
string(REGEX REPLACE "stack: at most [0-9]+ of [0-9]+ bytes\n" "" output "${output}")
string(REPLACE "\n${BOARD}/" "\nBOARD/" output "${output}")
file(READ "${EXPECTED}" expected)

if(NOT output STREQUAL expected)
  message(FATAL_ERROR "expected:\n${expected}\ngot:\n${output}${errors}")
endif()
if(NOT code EQUAL 1)
  message(FATAL_ERROR "expected exit code 1, got ${code}")
endif()
