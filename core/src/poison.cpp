// SPDX-License-Identifier: MIT
#include <acre/detail/poison.hpp>

namespace acre::inline ACRE_ABI::detail {

void poison(void* block, size_t skip, size_t size) noexcept {
  auto* bytes = static_cast<unsigned char*>(block);
  for (size_t i = skip; i < size; ++i) {
    bytes[i] = poison_byte;
  }
}

bool is_poisoned(const void* block, size_t skip, size_t size) noexcept {
  const auto* bytes = static_cast<const unsigned char*>(block);
  for (size_t i = skip; i < size; ++i) {
    if (bytes[i] != poison_byte) {
      return false;
    }
  }
  return true;
}

}  // namespace acre::detail
