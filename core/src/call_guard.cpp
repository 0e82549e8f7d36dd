// SPDX-License-Identifier: MIT
#include <acre/call_guard.hpp>

namespace acre::inline ACRE_ABI::detail {

void refuse_context(uint8_t& telling, const void* address, const void* whose,
                    const void* call_site) noexcept {
  if (__atomic_load_n(&telling, __ATOMIC_RELAXED) == 0) {
    __atomic_store_n(&telling, uint8_t{1}, __ATOMIC_RELAXED);
    static_cast<void>(raise_misuse(status::wrong_context, address, whose, call_site));
    __atomic_store_n(&telling, uint8_t{0}, __ATOMIC_RELAXED);
  }
}

}  // namespace acre::detail
