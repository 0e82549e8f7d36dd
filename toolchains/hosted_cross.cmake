# SPDX-License-Identifier: MIT
# What every cross compiler for a system with an operating system needs. Included by the toolchain files.
set(ACRE_TOOLCHAIN_CPU host)

# Programs come from this machine, everything else from the target.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
