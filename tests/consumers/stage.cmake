# SPDX-License-Identifier: MIT
# Builds acre and installs it for /opt/acre into another directory, which is emptied before, so that nothing of a
# former run is found there:
#   cmake -DSOURCE=<directory> -DBUILD=<directory> -DSTAGE=<directory> "-DKINDS=static[ shared]"
#         -P stage.cmake -- <option of cmake>...
cmake_minimum_required(VERSION 3.25)

set(options "")
set(is_option FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(index RANGE ${last})
  if(is_option)
    list(APPEND options "${CMAKE_ARGV${index}}")
  elseif(CMAKE_ARGV${index} STREQUAL "--")
    set(is_option TRUE)
  endif()
endforeach()

separate_arguments(KINDS)
file(REMOVE_RECURSE "${STAGE}")
set(ENV{DESTDIR} "${STAGE}")
foreach(kind IN LISTS KINDS)
  set(shared OFF)
  set(with "")
  if(kind STREQUAL "shared")
    set(shared ON)
    set(with "-DACRE_PACKAGE_WITH=${BUILD}/static")
  endif()
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BUILD}/${kind}" -DBUILD_SHARED_LIBS=${shared}
                          -DCMAKE_INSTALL_PREFIX=/opt/acre -DCMAKE_BUILD_TYPE=Release
                          -DACRE_BOARD=none -DACRE_BUILD_TESTS=OFF -DACRE_BUILD_EXAMPLES=OFF ${with} ${options}
                  COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BUILD}/${kind}" --target install
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
