# SPDX-License-Identifier: MIT
# This machine, with clang.
set(ACRE_TOOLCHAIN_CPU host)
set(CMAKE_C_COMPILER clang)
set(CMAKE_CXX_COMPILER clang++)
