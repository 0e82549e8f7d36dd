// SPDX-License-Identifier: MIT
// The other harts of RISC-V: they start with the first one and sleep in the reset code until their
// software interrupt is raised. The same interrupt is the event that wakes a hart later.
#include "../bare_metal/cores.hpp"

#include <acre/platform/cores.hpp>
#include <acre/platform/irq.hpp>

#include "clint.hpp"

namespace acre::platform {

void detail::switch_on_core(uint32_t id) noexcept {
  asm volatile("fence" ::: "memory");
  software_interrupt(id) = 1;
}

// WFI wakes for what is pending even while interrupts are disabled, so nothing is lost between the test
// and the sleep. One that was taken earlier has left its mark in `event`.
void wait_for_event() noexcept {
  const irq_state state = irq_disable();
  detail::hart& mine = detail::harts[core_id()];
  if (mine.event == 0) {
    asm volatile("wfi" ::: "memory");
  }
  mine.event = 0;
  irq_restore(state);  // a pending interrupt is taken here
}

void send_event() noexcept {
  asm volatile("fence" ::: "memory");
  for (uint32_t id = 0; id < core_count; ++id) {
    if (id != core_id()) {
      detail::software_interrupt(id) = 1;
    }
  }
}

}  // namespace acre::platform
