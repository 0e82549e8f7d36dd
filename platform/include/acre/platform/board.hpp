// SPDX-License-Identifier: MIT
// board: facts about the board that the build chose, as constants (from boards/<name>/board.json).
#pragma once

#include <stdint.h>

#if !defined(ACRE_BOARD_NAME)
#error "link acre::platform: it defines the board's constants"
#endif

namespace acre::platform {

inline constexpr char board_name[] = ACRE_BOARD_NAME;

/// Length of one tick of ticks().
inline constexpr uint32_t tick_picoseconds = ACRE_TICK_PICOSECONDS;

/// Under `-icount shift=N` QEMU's virtual time advances by 2^N ns for each instruction.
inline constexpr uint32_t icount_shift = ACRE_ICOUNT_SHIFT;

}  // namespace acre::platform
