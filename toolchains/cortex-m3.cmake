# SPDX-License-Identifier: MIT
# Cortex-M3 (Armv7-M).
set(ACRE_TOOLCHAIN_CPU cortex-m3)
set(ACRE_CPU_FLAGS "-mcpu=cortex-m3 -mthumb")
include(${CMAKE_CURRENT_LIST_DIR}/arm-none-eabi.cmake)
