# SPDX-License-Identifier: MIT
# Runs a firmware that must crash: the fault report on its console, and fault_exit_code as its end.
# cmake -DCOMMAND=<program;arguments> -DPATTERN=<regular expression> -P check_crash.cmake
execute_process(COMMAND ${COMMAND} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE code)
if(NOT output MATCHES "${PATTERN}")
  message(FATAL_ERROR "expected to match: ${PATTERN}\ngot:\n${output}")
endif()
if(NOT code EQUAL 70)
  message(FATAL_ERROR "expected exit code 70, got ${code}\n${output}")
endif()
message("${output}")
