// SPDX-License-Identifier: MIT
// pool_geometry: the shape of a pool's block, at compile time for the hot paths and as plain values
// for the audits that are compiled once for all pools.
#pragma once

#include <stddef.h>

#include <acre/detail/bits.hpp>
#include <acre/layout.hpp>

namespace acre::engine {

struct pool_geometry {
  size_t stride;
  size_t align;
  detail::exact_divisor divisor;
};

template <size_t Stride, size_t Align>
struct pool_block {
  static_assert(detail::is_power_of_two(Align) && Align >= alignof(void*));
  static_assert(Stride >= sizeof(void*) && Stride % Align == 0);

  static constexpr pool_geometry geometry{Stride, Align, detail::exact_divisor::of(Stride)};

  static constexpr size_t block_bytes(layout) noexcept {
    return Stride;
  }
  static constexpr bool fits(layout l) noexcept {
    return l.size <= Stride && l.align <= Align && l.valid();
  }
};

}  // namespace acre::engine
