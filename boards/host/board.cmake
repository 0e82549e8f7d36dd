# SPDX-License-Identifier: MIT
# This machine: the same programs, without a board.
include(${CMAKE_CURRENT_LIST_DIR}/../load_board.cmake)
acre_load_board(${CMAKE_CURRENT_LIST_DIR})
acre_board_variables()
