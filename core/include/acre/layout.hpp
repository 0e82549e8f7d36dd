// SPDX-License-Identifier: MIT
// layout: what a caller asks for, a size and an alignment in bytes.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>

namespace acre::inline ACRE_ABI {

/// The alignment of a request that names none: enough for every fundamental type that firmware
/// uses (8), and what malloc gives on 64-bit hosts (16).
inline constexpr size_t default_alignment = 2 * sizeof(void*);

/// Size and alignment of one request, in bytes.
///
/// A layout with size 0 is served as if size were 1. A layout that is not valid() is refused by
/// every allocator: allocate returns null. So an overflow in array_of() ends as an exhausted
/// allocator, never as a block that is too small.
struct layout {
  size_t size = 0;
  size_t align = default_alignment;

  /// The layout of one T.
  template <class T>
  static constexpr layout of() noexcept {
    return {sizeof(T), alignof(T)};
  }

  /// The layout of `count` contiguous T; invalid if the size overflows.
  template <class T>
  static constexpr layout array_of(size_t count) noexcept {
    if (count > (SIZE_MAX / 2) / sizeof(T)) {
      return {SIZE_MAX, alignof(T)};
    }
    return {count * sizeof(T), alignof(T)};
  }

  /// True iff align is a power of two and size is at most SIZE_MAX / 2, the largest object that
  /// pointer differences can span.
  [[nodiscard]] constexpr bool valid() const noexcept {
    return detail::is_power_of_two(align) && size <= SIZE_MAX / 2;
  }

  friend constexpr bool operator==(const layout&, const layout&) = default;
};

}  // namespace acre
