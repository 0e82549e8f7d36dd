# SPDX-License-Identifier: MIT
# Cortex-A15 (Armv7-A), Arm state. The platform does not save the FPU's registers in interrupts, so the
# code has none.
set(ACRE_TOOLCHAIN_CPU cortex-a15)
set(ACRE_CPU_FLAGS "-mcpu=cortex-a15 -marm -mfloat-abi=soft")
include(${CMAKE_CURRENT_LIST_DIR}/arm-none-eabi.cmake)
