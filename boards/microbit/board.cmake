# SPDX-License-Identifier: MIT
# BBC micro:bit: nRF51822, Cortex-M0, 256 KiB flash, 16 KiB RAM.
include(${CMAKE_CURRENT_LIST_DIR}/../load_board.cmake)
acre_load_board(${CMAKE_CURRENT_LIST_DIR})
acre_board_variables()
