// SPDX-License-Identifier: MIT
// cores on Cortex-A: the lowest affinity level of MPIDR, in one cluster.
#pragma once

namespace acre::platform {

inline uint32_t core_id() noexcept {
  if constexpr (core_count == 1) {
    return 0;
  } else {
    uint32_t mpidr;
    asm("mrc p15, 0, %0, c0, c0, 5" : "=r"(mpidr));
    return mpidr & 0xFF;
  }
}

}  // namespace acre::platform
