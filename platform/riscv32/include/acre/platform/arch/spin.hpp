// SPDX-License-Identifier: MIT
// spin on RISC-V: the PAUSE hint of Zihintpause. It is encoded as a FENCE that orders nothing, so that
// cores without the extension run it as that.
#pragma once

namespace acre::platform {

inline constexpr bool runs_at_once = core_count > 1;

inline uintptr_t spin_token() noexcept {
  return core_id() + 1;
}

inline void spin_wait(uint32_t) noexcept {
  asm volatile(".insn i 0x0F, 0, x0, x0, 0x010" ::: "memory");
}

inline void spin_notify() noexcept {
  asm volatile("" ::: "memory");
}

}  // namespace acre::platform
