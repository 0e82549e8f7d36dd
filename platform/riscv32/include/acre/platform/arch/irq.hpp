// SPDX-License-Identifier: MIT
// irq on RISC-V, machine mode: mstatus.MIE (bit 3). One instruction reads and clears it.
#pragma once

namespace acre::platform {

inline irq_state irq_disable() noexcept {
  irq_state status;
  asm volatile("csrrci %0, mstatus, 8" : "=r"(status)::"memory");
  return ((status >> 3) & 1) ^ 1;
}

inline void irq_restore(irq_state state) noexcept {
  // Sets the bit, never clears it: the caller has interrupts disabled, as after irq_disable.
  asm volatile("csrs mstatus, %0" ::"r"((state ^ 1) << 3) : "memory");
}

inline bool irq_enabled() noexcept {
  irq_state status;
  asm volatile("csrr %0, mstatus" : "=r"(status)::"memory");
  return (status & 8) != 0;
}

inline constexpr bool has_irq_ceiling = false;

inline bool irq_maskable() noexcept {
  return true;
}

}  // namespace acre::platform
