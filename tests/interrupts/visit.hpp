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

/// A visit now.
void raise_visit() noexcept;

/// The instruction in front of which the last visit came.
[[nodiscard]] const void* visited_address() noexcept;

/// True iff this core had to go on before the work of the last visit could end.
[[nodiscard]] bool visitor_waited() noexcept;

}  // namespace acre::test::sweep
