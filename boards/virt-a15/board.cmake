# SPDX-License-Identifier: MIT
# QEMU's Arm virt machine: four Cortex-A15, 2 MiB code, 4 MiB RAM.
include(${CMAKE_CURRENT_LIST_DIR}/../load_board.cmake)
acre_load_board(${CMAKE_CURRENT_LIST_DIR})
acre_board_variables()
