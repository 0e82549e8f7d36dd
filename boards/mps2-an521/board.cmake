# SPDX-License-Identifier: MIT
# Arm MPS2 with AN521: two Cortex-M33, in secure state, 4 MiB code, 4 MiB RAM.
include(${CMAKE_CURRENT_LIST_DIR}/../load_board.cmake)
acre_load_board(${CMAKE_CURRENT_LIST_DIR})
acre_board_variables()
