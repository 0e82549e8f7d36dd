# SPDX-License-Identifier: MIT
# An archive of acre's sources, and no trace of who fetched the last one:
#   cmake -DSOURCE=<directory> -DARCHIVE=<file> -DFETCHED=<directory> -P archive.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${FETCHED}")
file(REMOVE "${ARCHIVE}")
execute_process(COMMAND "${CMAKE_COMMAND}" -E tar czf "${ARCHIVE}"
                        CMakeLists.txt Kconfig LICENSE boards core platform port tools
                WORKING_DIRECTORY "${SOURCE}" COMMAND_ERROR_IS_FATAL ANY)
