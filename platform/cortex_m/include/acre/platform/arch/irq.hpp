// SPDX-License-Identifier: MIT
// irq on Cortex-M: PRIMASK, which every core has, and which masks all but NMI and HardFault.
#pragma once

namespace acre::platform {

inline irq_state irq_disable() noexcept {
  irq_state state;
  asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(state)::"memory");
  return state;
}

inline void irq_restore(irq_state state) noexcept {
  asm volatile("msr primask, %0" ::"r"(state) : "memory");
}

inline bool irq_enabled() noexcept {
  irq_state state;
  asm volatile("mrs %0, primask" : "=r"(state)::"memory");
  return state == 0;
}

}  // namespace acre::platform
