// SPDX-License-Identifier: MIT
// cores on hosts: one. Tests of several threads use the threads of the host.
#pragma once

namespace acre::platform {

inline uint32_t core_id() noexcept {
  return 0;
}

}  // namespace acre::platform
