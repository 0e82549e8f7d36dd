// SPDX-License-Identifier: MIT
// usage: what an allocator's region is made of at one moment.
#pragma once

#include <stddef.h>

#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI {

/// bytes_in_use counts whole blocks as the engine hands them out, so the rounding of a request is in
/// use and not free. What alignment and the last partial block take from a region is in none of the
/// three figures.
struct usage {
  size_t bytes_in_use = 0;    ///< in live blocks
  size_t blocks_in_use = 0;   ///< live blocks, a count
  size_t bytes_free = 0;      ///< that requests can still have
  size_t bytes_overhead = 0;  ///< metadata inside the region

  /// Adds up what several allocators, or several regions, have.
  constexpr usage& operator+=(const usage& other) noexcept {
    bytes_in_use += other.bytes_in_use;
    blocks_in_use += other.blocks_in_use;
    bytes_free += other.bytes_free;
    bytes_overhead += other.bytes_overhead;
    return *this;
  }
  friend constexpr bool operator==(const usage&, const usage&) = default;
};

}  // namespace acre
