// SPDX-License-Identifier: MIT
// visit: how something comes in between two instructions of this core, and where it works: in an interrupt
// handler (visit_by_handler.cpp), or on a second core (visit_by_second_core.cpp).
#pragma once

#include <stdint.h>

namespace acre::test::sweep {

using visit_work = void (*)() noexcept;

/// Prepares visits that do `work`.
void prepare_visits(visit_work work) noexcept;

/// A visit after about `timer_ticks`; one tick more moves it by zero or one instruction.
void arm_visit(uint32_t timer_ticks) noexcept;

/// A visit now; its work has ended when the call returns.
void raise_visit() noexcept;

/// Ends the turn of the other core after about `timer_ticks`, so that it stands in the middle of its work while
/// this core goes on. 0: it has the time that it needs. An interrupt handler always has.
void limit_turn(uint32_t timer_ticks) noexcept;

/// The instruction in front of which the last visit came.
[[nodiscard]] const void* visited_address() noexcept;

/// True iff this core went on before the work of the last visit had ended: the other core waited for it, or
/// its turn was limited.
[[nodiscard]] bool visitor_waited() noexcept;

}  // namespace acre::test::sweep
