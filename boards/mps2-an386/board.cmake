# SPDX-License-Identifier: MIT
# Arm MPS2 with AN386.
include(${CMAKE_CURRENT_LIST_DIR}/../load_board.cmake)
acre_load_board(${CMAKE_CURRENT_LIST_DIR})
acre_board_variables()
