// SPDX-License-Identifier: MIT
// irq on hosts: there are no interrupts; a flag per thread models them, so that the same program
// runs here and on a board. raise_interrupt is deferred while the flag is set.
#pragma once

namespace acre::platform {

namespace detail {
inline thread_local bool irq_disabled = false;
inline thread_local bool irq_pending = false;
inline thread_local bool irq_taken = false;
void take_interrupt() noexcept;
}  // namespace detail

inline irq_state irq_disable() noexcept {
  const irq_state state = detail::irq_disabled ? 1 : 0;
  detail::irq_disabled = true;
  asm volatile("" ::: "memory");
  return state;
}

inline void irq_restore(irq_state state) noexcept {
  asm volatile("" ::: "memory");
  detail::irq_disabled = state != 0;
  if (!detail::irq_disabled && detail::irq_pending) {
    detail::take_interrupt();
  }
}

inline bool irq_enabled() noexcept {
  return !detail::irq_disabled;
}

inline constexpr bool has_irq_ceiling = false;

inline bool irq_maskable() noexcept {
  return true;
}

}  // namespace acre::platform
