# SPDX-License-Identifier: MIT
# What every cross compiler without an operating system needs. Included by the toolchain files.

# There is no crt0 and no linker script yet when CMake tries the compiler: compile only.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

foreach(language C CXX ASM)
  set(CMAKE_${language}_FLAGS_INIT "${ACRE_CPU_FLAGS}")
endforeach()

# Programs come from the host, everything else from the target.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
