# SPDX-License-Identifier: MIT
# Cortex-M4 with the single-precision FPU (Armv7E-M), hard-float calls.
set(ACRE_TOOLCHAIN_CPU cortex-m4f)
set(ACRE_CPU_FLAGS "-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard")
include(${CMAKE_CURRENT_LIST_DIR}/arm-none-eabi.cmake)
