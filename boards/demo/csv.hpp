// SPDX-License-Identifier: MIT
// csv: reads lines and fields where they lie, without copying and without allocating.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace demo {

/// A run of characters that somebody else owns.
struct text_view {
  const char* begin = nullptr;
  size_t size = 0;

  [[nodiscard]] bool empty() const noexcept {
    return size == 0;
  }
  [[nodiscard]] bool equals(const char* literal) const noexcept;
  /// Cuts off what lies before the first `end` and returns it; `end` itself belongs to neither.
  text_view take_until(char end) noexcept;
};

/// Reads "-21.43" with 2 decimals as -2143: sensors need no floating point. Missing decimals are
/// zeros, further ones are cut off. False, with `value` unchanged, if the field is no number.
[[nodiscard]] bool parse_fixed(text_view field, unsigned decimals, int32_t& value) noexcept;

}  // namespace demo
