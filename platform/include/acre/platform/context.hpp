// SPDX-License-Identifier: MIT
// context: who calls and from where, for acre::mutex_lock.
#pragma once

#include <stdint.h>

#include <acre/platform/interrupt.hpp>
#include <acre/platform/spin.hpp>

namespace acre::platform {

/// On hosts a caller is a thread; on boards, which have no threads, a core. Over an RTOS write one that
/// asks it for the task.
struct context {
  [[nodiscard]] static bool in_interrupt() noexcept {
    return platform::in_interrupt();
  }
  [[nodiscard]] static uintptr_t token() noexcept {
    return spin_token();
  }
};

}  // namespace acre::platform
