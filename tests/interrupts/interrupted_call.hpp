// SPDX-License-Identifier: MIT
// interrupted_call: one call, and an interrupt in front of one of its instructions. The handler runs in the
// interrupt, or on a second core while the interrupt waits for it (visit.hpp).
//
// The timer's deadline cuts QEMU's run between two instructions, and one tick more moves it by no or by one
// instruction (boards/README.md, "Two numbers"). The call is made from assembly, so that the symbols
// acre_sweep_call and acre_sweep_after tell its instructions from all others: here, and in a trace.
#pragma once

#include <stdint.h>

namespace acre::test::sweep {

struct call {
  const void* function;
  uintptr_t arguments[4];
};

/// Where an interrupt came: before the first instruction of the function was reached, in front of one
/// of its instructions, or after it had returned.
enum class moment : uint8_t { before, inside, after };

/// Where the last interrupt came.
[[nodiscard]] uintptr_t interrupted_at() noexcept;
[[nodiscard]] moment interrupted_when() noexcept;

/// Makes the call without an interrupt; returns its result.
uintptr_t uninterrupted(const call& made) noexcept;

/// Makes the call; `handler` runs once, `timer_ticks` after about the begin. Returns when
/// both have returned, with the result of the call.
uintptr_t interrupted(const call& made, uint32_t timer_ticks, void (*handler)() noexcept) noexcept;

/// Runs `handler` in the context in which interrupted() runs it, and returns when it has returned.
void by_itself(void (*handler)() noexcept) noexcept;

/// The most ticks with which the interrupt still comes before the function's first instruction.
[[nodiscard]] uint32_t first_ticks() noexcept;

}  // namespace acre::test::sweep
