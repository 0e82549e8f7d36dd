// SPDX-License-Identifier: MIT
// buddy: blocks of a power of two, split and merged, with a proved bound on fragmentation.
//
// Use it for buffers of few, large sizes (DMA, logs, frames) and where a block must be aligned to its
// own size. No header: a block of 2^k bytes is 2^k bytes, at a multiple of 2^k. A request is rounded
// up to a power of two; the metadata is 4 bits a smallest block, 1/32 of the region at 16 bytes.
//
// At basic and above deallocate finds, before anything changes and in O(1): double_free,
// foreign_pointer, interior_pointer, misaligned_pointer and wrong_size (another power of two).
#pragma once

#include <acre/basic_allocator.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/buddy.hpp>

namespace acre::inline ACRE_ABI {

namespace detail {

/// Fixes the smallest block at compile time for the shell.
template <size_t Smallest, check_level Level>
class buddy_engine : public engine::buddy<Level> {
 public:
  static constexpr size_t block_bytes(layout l) noexcept {
    return engine::buddy_core::block_bytes(l, Smallest);
  }
  status init(region memory) noexcept {
    return engine::buddy<Level>::init(memory, floor_log2(Smallest));
  }
};

}  // namespace detail

/// How far validate_step() or usage_step() of a buddy has come.
using buddy_cursor = engine::buddy_cursor;

/// Blocks of `Smallest`, 2 * Smallest, 4 * Smallest … bytes, always at the lowest address that is
/// free and aligned; a block is aligned to its size, up to the largest power of two in the region.
///
/// Cost: allocate and deallocate O(log(region / Smallest)); init O(region / Smallest / 32) (at full
/// O(region), for the fill). docs/certificate.md has the counts for 64 KiB of 16-byte blocks.
///
/// validate_step() looks at 32 smallest blocks or a word of the tree a step, O(1), and sees all that
/// validate() sees.
template <size_t Smallest = 16, class Policies = policies<>>
class buddy : public basic_allocator<detail::buddy_engine<Smallest, Policies::level>, Policies> {
  static_assert(Smallest > 1 && detail::is_power_of_two(Smallest),
                "the smallest block is a power of two, and more than a byte");

  using core = engine::buddy_core;

 public:
  static constexpr size_t smallest_block = Smallest;

  /// The size of the block that serves a request: what counts as live in required_bytes(). 0 if no
  /// power of two is large enough.
  static constexpr size_t block_bytes(layout wanted) noexcept {
    return detail::buddy_engine<Smallest, Policies::level>::block_bytes(wanted);
  }

  /// The size of a region in which no sequence of requests can fail, as long as the sum of the live
  /// blocks (block_bytes() of each) is at most `peak_live` and every block is between `smallest` and
  /// `largest`. SIZE_MAX if no region is large enough. For the bound and its source see
  /// engine::buddy_core::bound_units.
  ///
  /// `region_align` is the alignment of the region's begin. Blocks are aligned to their size, so a
  /// region that begins elsewhere has fewer large ones: align its begin to `largest` to lose nothing
  /// and to have the same blocks wherever it lies.
  static constexpr size_t required_bytes(size_t peak_live, size_t largest,
                                         size_t smallest = Smallest,
                                         size_t region_align = default_alignment) noexcept {
    return core::required_bytes(peak_live, largest, smallest, Smallest, region_align);
  }

  /// The size of a region that serves one request for `wanted`, wherever it begins.
  static constexpr size_t required_bytes_for(layout wanted) noexcept {
    if (!wanted.valid() || detail::max_of(wanted.size, wanted.align) > SIZE_MAX / 128) {
      return SIZE_MAX;
    }
    return core::region_bytes(2 * block_bytes(wanted), Smallest, 1);
  }
};

}  // namespace acre
