// SPDX-License-Identifier: MIT
// What all containers of a process share when there is no room: the hook.
#include <acre/port/exhaustion.hpp>

#include <atomic>

namespace acre::inline ACRE_ABI {

namespace {

constinit std::atomic<exhaustion_hook> installed{nullptr};

}  // namespace

exhaustion_hook set_exhaustion_hook(exhaustion_hook hook) noexcept {
  return installed.exchange(hook, std::memory_order_acq_rel);
}

namespace detail {

void tell_exhaustion(layout wanted) noexcept {
  if (const exhaustion_hook hook = installed.load(std::memory_order_acquire); hook != nullptr) {
    hook(wanted);
  }
}

}  // namespace detail
}  // namespace acre
