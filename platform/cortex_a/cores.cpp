// SPDX-License-Identifier: MIT
// The other cores of Cortex-A are off until PSCI, the firmware below, is asked for them.
// Source: Arm DEN 0022, "Power State Coordination Interface", CPU_ON.
#include "../bare_metal/cores.hpp"

#include <acre/platform/cores.hpp>
#include <acre/platform/irq.hpp>

#include "gic.hpp"

extern "C" void acre_reset_other();

namespace acre::platform {

void detail::switch_on_core(uint32_t id) noexcept {
  register uint32_t r0 asm("r0") = 0x84000003;  // CPU_ON
  register uint32_t r1 asm("r1") = id;          // which: its affinity
  register auto r2 asm("r2") = reinterpret_cast<uintptr_t>(acre_reset_other);
  register uint32_t r3 asm("r3") = id;  // what it finds in r0
  asm volatile(
      ".arch_extension virt\n\t"
      "dsb\n\t"
      "hvc #0"
      : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)::"memory");
}

constinit volatile uint32_t detail::event_seen[core_count] = {};

// An interrupt and WFI, not SEV and WFE: under QEMU, when time follows the host, WFE does not sleep, and
// four cores that wait would leave nothing of the host for the one that works. WFI wakes for what is
// pending even while interrupts are disabled, so nothing is lost between the test and the sleep. One
// that was taken earlier has left its mark.
void wait_for_event() noexcept {
  const irq_state state = irq_disable();
  volatile uint32_t& seen = detail::event_seen[core_id()];
  if (seen == 0) {
    asm volatile("dsb\n\twfi" ::: "memory");
  }
  seen = 0;
  irq_restore(state);  // a pending interrupt is taken here
}

void send_event() noexcept {
  asm volatile("dsb" ::: "memory");
  detail::gic_raise_elsewhere();
}

}  // namespace acre::platform
