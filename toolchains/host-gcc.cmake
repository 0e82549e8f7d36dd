# SPDX-License-Identifier: MIT
# This machine, with gcc.
set(ACRE_TOOLCHAIN_CPU host)
set(CMAKE_C_COMPILER gcc)
set(CMAKE_CXX_COMPILER g++)
