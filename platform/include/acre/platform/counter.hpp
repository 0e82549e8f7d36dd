// SPDX-License-Identifier: MIT
// counter: a free-running count of time, and under QEMU's -icount, of instructions.
//
// With -icount the emulator's time is its instruction count, so a timer counts instructions. A tick
// need not be one instruction: `instructions` converts. Nothing about time is exact without -icount.
#pragma once

#include <stdint.h>

#include <acre/platform/board.hpp>

namespace acre::platform {

/// Counts up and wraps at 2^32; subtract two readings. On Cortex-M it extends the 24-bit SysTick in
/// software, and is right if it is read at least once in 2^24 ticks.
[[nodiscard]] uint32_t ticks() noexcept;

/// True where `instructions` means something: boards, run with -icount. Hosts count nanoseconds.
inline constexpr bool counts_instructions = icount_shift != 0;

namespace detail {

constexpr uint32_t greatest_common_divisor(uint32_t a, uint32_t b) noexcept {
  while (b != 0) {
    const uint32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// instructions = ticks * tick_ps / (1000 * 2^shift), reduced so that the divisor is a power of two
// for every board so far and the division a shift.
inline constexpr uint32_t instruction_picoseconds = 1000U << icount_shift;
inline constexpr uint32_t tick_divisor =
    greatest_common_divisor(tick_picoseconds, instruction_picoseconds);

}  // namespace detail

/// Instructions in `elapsed_ticks`, rounded down; right to one tick. 0 where nothing is counted.
[[nodiscard]] constexpr uint32_t instructions(uint32_t elapsed_ticks) noexcept {
  if constexpr (counts_instructions) {
    constexpr uint32_t numerator = tick_picoseconds / detail::tick_divisor;
    constexpr uint32_t denominator = detail::instruction_picoseconds / detail::tick_divisor;
    return static_cast<uint32_t>(uint64_t{elapsed_ticks} * numerator / denominator);
  } else {
    return 0;
  }
}

}  // namespace acre::platform
