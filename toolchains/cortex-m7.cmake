# SPDX-License-Identifier: MIT
# Cortex-M7 with the double-precision FPU (Armv7E-M), hard-float calls.
set(ACRE_TOOLCHAIN_CPU cortex-m7)
set(ACRE_CPU_FLAGS "-mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard")
include(${CMAKE_CURRENT_LIST_DIR}/arm-none-eabi.cmake)
