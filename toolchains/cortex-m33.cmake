# SPDX-License-Identifier: MIT
# Cortex-M33 (Armv8-M Mainline), without the optional DSP extension and FPU: runs on every M33.
set(ACRE_TOOLCHAIN_CPU cortex-m33)
set(ACRE_CPU_FLAGS "-mcpu=cortex-m33+nodsp -mthumb -mfloat-abi=soft")
include(${CMAKE_CURRENT_LIST_DIR}/arm-none-eabi.cmake)
