// SPDX-License-Identifier: MIT
// spin on Arm: WFE and SEV. An event between the look and the WFE is remembered, so none is missed.
#pragma once

namespace acre::platform {

inline constexpr bool runs_at_once = core_count > 1;

inline uintptr_t spin_token() noexcept {
  return core_id() + 1;
}

inline void spin_wait(uint32_t) noexcept {
  asm volatile("wfe" ::: "memory");
}

// DSB: SEV is no access to memory, and could otherwise overtake the store that it speaks of.
inline void spin_notify() noexcept {
  asm volatile("dsb\n\tsev" ::: "memory");
}

}  // namespace acre::platform
