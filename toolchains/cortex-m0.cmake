# SPDX-License-Identifier: MIT
# Cortex-M0 (Armv6-M): no divide, no LDREX, no unaligned access.
set(ACRE_TOOLCHAIN_CPU cortex-m0)
set(ACRE_CPU_FLAGS "-mcpu=cortex-m0 -mthumb")
include(${CMAKE_CURRENT_LIST_DIR}/arm-none-eabi.cmake)
