// SPDX-License-Identifier: MIT
// cores on Cortex-M. The architecture has no number of a core: a chip with two has a register. Here it
// is that of Arm's SSE-200 subsystem (MPS2 with AN521, Musca), at its secure address.
#pragma once

namespace acre::platform {

inline uint32_t core_id() noexcept {
  if constexpr (core_count == 1) {
    return 0;
  } else {
    return *reinterpret_cast<const volatile uint32_t*>(0x5001F000);  // CPU_IDENTITY.CPUID
  }
}

}  // namespace acre::platform
