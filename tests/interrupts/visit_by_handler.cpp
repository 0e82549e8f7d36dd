// SPDX-License-Identifier: MIT
// By an interrupt of the timer: its handler does the work.
#include "interrupts/visit.hpp"

#include <acre/platform/interrupt.hpp>

namespace acre::test::sweep {

namespace {

const void* volatile at;
visit_work volatile work;

void take() noexcept {
  at = platform::interrupted_address();
  work();
}

}  // namespace

void prepare_visits(visit_work what) noexcept {
  work = what;
  platform::set_interrupt_handler(take);
}

void arm_visit(uint32_t timer_ticks) noexcept {
  platform::arm_interrupt(timer_ticks);
}

void raise_visit() noexcept {
  platform::raise_interrupt();
}

void limit_turn(uint32_t) noexcept {}

const void* visited_address() noexcept {
  return at;
}

bool visitor_waited() noexcept {
  return false;
}

}  // namespace acre::test::sweep
