// SPDX-License-Identifier: MIT
// pool_geometry: the shape of a pool's block, at compile time for the hot paths and as plain values
// for the audits that are compiled once for all pools, and for pools that are shaped at run time.
#pragma once

#include <stddef.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/layout.hpp>

namespace acre::inline ACRE_ABI::engine {

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

/// Instead of a stride: the block's shape is known at run time only.
inline constexpr size_t run_time = 0;

template <>
struct pool_block<run_time, run_time> {
  pool_geometry geometry{};

  /// Before init(). `align` is a power of two and at least alignof(void*), `stride` a multiple of it.
  void shape(size_t stride, size_t align) noexcept {
    geometry = {stride, align, detail::exact_divisor::of(stride)};
  }
  [[nodiscard]] bool fits(layout l) const noexcept {
    return l.size <= geometry.stride && l.align <= geometry.align && l.valid();
  }
};

}  // namespace acre::engine
