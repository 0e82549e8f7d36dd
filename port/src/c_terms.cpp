// SPDX-License-Identifier: MIT
#include "c_object.hpp"

namespace acre::inline ACRE_ABI::c {

namespace {

constinit acre_fault_hook installed = nullptr;

void tell(const fault& told) noexcept {
  const acre_fault as_told{as_c(told.code), told.address, told.allocator, told.call_site};
  installed(&as_told);
}

}  // namespace

status refuse_handle(const void* handle, const void* call_site) noexcept {
  return handle == nullptr
             ? status::not_initialised
             : detail::raise_misuse(status::foreign_pointer, handle, handle, call_site);
}

}  // namespace acre::c

using namespace acre;

extern "C" {

uint32_t acre_version() noexcept {
  return ACRE_VERSION;
}

const char* acre_status_text(acre_status code) noexcept {
  return to_string(static_cast<status>(code));
}

bool acre_is_misuse(acre_status code) noexcept {
  return is_misuse(static_cast<status>(code));
}

acre_fault_hook acre_set_fault_hook(acre_fault_hook hook) noexcept {
  const acre_fault_hook previous = c::installed;
  c::installed = hook;
  static_cast<void>(set_fault_hook(hook == nullptr ? nullptr : &c::tell));
  return previous;
}

}  // extern "C"
