// SPDX-License-Identifier: MIT
// spin on hosts: threads. The holder may not be running at all, so a thread that has spun for a while
// lets others run.
#pragma once

#include <acre/platform/irq.hpp>

namespace acre::platform {

inline constexpr bool runs_at_once = true;

namespace detail {

#if defined(__x86_64__) || defined(__i386__)
inline void spin_hint() noexcept {
  __builtin_ia32_pause();
}
#elif defined(__aarch64__) || defined(__arm__)
inline void spin_hint() noexcept {
  asm volatile("yield");
}
#else
inline void spin_hint() noexcept {}
#endif

void let_others_run() noexcept;

}  // namespace detail

// The address of what each thread has one of.
inline uintptr_t spin_token() noexcept {
  return reinterpret_cast<uintptr_t>(&detail::irq_disabled);
}

inline void spin_wait(uint32_t turn) noexcept {
  constexpr uint32_t patience = 64;
  asm volatile("" ::: "memory");
  if (turn % patience != patience - 1) {
    detail::spin_hint();
  } else {
    detail::let_others_run();
  }
}

inline void spin_notify() noexcept {
  asm volatile("" ::: "memory");
}

}  // namespace acre::platform
