// SPDX-License-Identifier: MIT
// cores on RISC-V: harts, numbered from 0.
#pragma once

namespace acre::platform {

inline uint32_t core_id() noexcept {
  if constexpr (core_count == 1) {
    return 0;
  } else {
    uint32_t id;
    asm("csrr %0, mhartid" : "=r"(id));
    return id;
  }
}

}  // namespace acre::platform
