// SPDX-License-Identifier: MIT
// irq on Cortex-A: CPSR.I (bit 7). Everything runs in supervisor mode, with FIQ masked.
#pragma once

namespace acre::platform {

inline irq_state irq_disable() noexcept {
  irq_state status;
  asm volatile("mrs %0, cpsr\n\tcpsid i" : "=r"(status)::"memory");
  return (status >> 7) & 1;
}

inline void irq_restore(irq_state state) noexcept {
  constexpr uint32_t supervisor_no_fiq = 0x53;
  asm volatile("msr cpsr_c, %0" ::"r"(supervisor_no_fiq | state << 7) : "memory");
}

inline bool irq_enabled() noexcept {
  irq_state status;
  asm volatile("mrs %0, cpsr" : "=r"(status)::"memory");
  return (status & 0x80) == 0;
}

inline constexpr bool has_irq_ceiling = false;

inline bool irq_maskable() noexcept {
  return true;
}

}  // namespace acre::platform
