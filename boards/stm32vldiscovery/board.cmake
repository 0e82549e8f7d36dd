# SPDX-License-Identifier: MIT
# STM32VLDISCOVERY: STM32F100, Cortex-M3, 128 KiB flash, 8 KiB RAM.
include(${CMAKE_CURRENT_LIST_DIR}/../load_board.cmake)
acre_load_board(${CMAKE_CURRENT_LIST_DIR})
acre_board_variables()
