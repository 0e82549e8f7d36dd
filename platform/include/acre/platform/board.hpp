// SPDX-License-Identifier: MIT
// board: facts about the board that the build chose, as constants (from boards/<name>/board.json).
#pragma once

#include <stdint.h>

#if !defined(ACRE_BOARD_NAME)
#error "link acre::platform: it defines the board's constants"
#endif

namespace acre::platform {

inline constexpr char board_name[] = ACRE_BOARD_NAME;

/// Cores that run the program (see cores.hpp). A board of one need not say so.
#if !defined(ACRE_CORE_COUNT)
#define ACRE_CORE_COUNT 1
#endif
inline constexpr uint32_t core_count = ACRE_CORE_COUNT;

/// Length of one tick of ticks().
inline constexpr uint32_t tick_picoseconds = ACRE_TICK_PICOSECONDS;

/// Under `-icount shift=N` QEMU's virtual time advances by 2^N ns for each instruction.
inline constexpr uint32_t icount_shift = ACRE_ICOUNT_SHIFT;

}  // namespace acre::platform
