# SPDX-License-Identifier: MIT
# Common part of the toolchain files for Arm. A file for one CPU sets ACRE_TOOLCHAIN_CPU and
# ACRE_CPU_FLAGS and includes this one; only flags that select the CPU are set here, the rest
# belongs to targets.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)

set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)

include(${CMAKE_CURRENT_LIST_DIR}/bare_metal.cmake)
