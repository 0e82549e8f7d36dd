# SPDX-License-Identifier: MIT
# GTest::gtest and GTest::gtest_main: the installed ones on this machine; for another one, built from the
# sources that Debian's libgtest-dev installs beside them, once in each build.
if(NOT CMAKE_CROSSCOMPILING)
  find_package(GTest REQUIRED)
  return()
endif()

set(ACRE_GOOGLETEST_SOURCE /usr/src/googletest CACHE PATH "GoogleTest's sources, for cross compilers")
if(NOT EXISTS "${ACRE_GOOGLETEST_SOURCE}/CMakeLists.txt")
  message(FATAL_ERROR "acre: there is no GoogleTest in ACRE_GOOGLETEST_SOURCE, ${ACRE_GOOGLETEST_SOURCE}; "
                      "Debian's package libgtest-dev brings it")
endif()
set(BUILD_GMOCK OFF CACHE BOOL "")
set(INSTALL_GTEST OFF CACHE BOOL "")
add_subdirectory("${ACRE_GOOGLETEST_SOURCE}" "${CMAKE_BINARY_DIR}/googletest" EXCLUDE_FROM_ALL SYSTEM)
