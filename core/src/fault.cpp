// SPDX-License-Identifier: MIT
#include <acre/config.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI {

namespace {
constinit fault_hook installed_hook = nullptr;
}

fault_hook set_fault_hook(fault_hook hook) noexcept {
  const fault_hook previous = installed_hook;
  installed_hook = hook;
  return previous;
}

namespace detail {

status raise_misuse(status code, const void* address, const void* allocator,
                    const void* call_site) noexcept {
  if (installed_hook != nullptr) {
    installed_hook(fault{code, address, allocator, call_site});
  }
  if constexpr (config::trap_on_misuse) {
    __builtin_trap();
  }
  return code;
}

void raise_corruption(const void* address, const void* allocator) noexcept {
  if (installed_hook != nullptr) {
    installed_hook(fault{status::corrupted, address, allocator, nullptr});
  }
  __builtin_trap();
}

}  // namespace detail
}  // namespace acre
