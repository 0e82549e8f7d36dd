// SPDX-License-Identifier: MIT
// lockfree_pool: blocks of one size for any number of producers and consumers, in any context.
//
// Use it where interrupts, threads or cores share a pool: nobody waits for anybody, no interrupt is
// masked, and a context that is suspended in the middle of a call holds nobody up.
//
// | level | finds at deallocate                                       | control | metadata         |
// | none  | nothing                                                   | 4 words | half a word each |
// | basic | every double, foreign, interior and misaligned free, O(1) | 4 words | half a word each |
// | full  | basic; at allocate also writes after free, O(block)       | 4 words | half a word each |
#pragma once

#include <acre/basic_allocator.hpp>
#include <acre/config.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/lockfree_pool.hpp>
#include <acre/pool.hpp>

namespace acre::inline ACRE_ABI {

namespace detail {

// 16 bits of number and 16 of tag in a word of 32; with 64 bits, 32 and 32.
using block_number = conditional_t<sizeof(void*) == 4, uint16_t, uint32_t>;

template <size_t BlockSize, size_t Align, check_level Level>
using lockfree_pool_engine =
    engine::lockfree_pool<pool_traits<BlockSize, Align, Level>::stride,
                          pool_traits<BlockSize, Align, Level>::align, Level, block_number,
                          native_atomics<config::smp>>;

}  // namespace detail

/// Blocks of `BlockSize` bytes, each aligned to `Align`, any power of two; at most 65,533 of them where
/// a pointer has 32 bits.
///
/// Threads and interrupts: every member but init() may be called from every context and core at any time.
/// allocate, deallocate, take and give are lock-free: a call is repeated only if another call succeeded
/// in between; where one core has interrupts and no threads, at most once for each interrupt that came
/// in between. try_allocate is bounded. usage() and validate() read while others write: exact when nobody
/// else calls, and safe, but of no moment in particular, when somebody does.
///
/// Cores without atomic instructions (Armv6-M, RV32 without A): the platform masks interrupts for the
/// length of one atomic operation (acre/platform; docs/porting.md), and there is one core.
///
/// init() is O(blocks). Cost of allocate and deallocate: O(1); take and give: O(blocks asked for); see
/// docs/certificate.md for the instruction counts.
/// Misuse found at basic and above, before anything changes: double_free (the block is not live: of all
/// contexts that free it at a time exactly one succeeds), foreign_pointer, interior_pointer,
/// misaligned_pointer, and wrong_size for a layout that is larger than the block. As everywhere, a second free
/// that comes after the block was handed out anew is a free of the new block.
template <size_t BlockSize, check_policy Checks = default_checks,
          size_t Align = detail::natural_alignment<BlockSize>>
class lockfree_pool
    : public basic_allocator<detail::lockfree_pool_engine<BlockSize, Align, Checks::level>,
                             policies<lock_free, Checks, no_observer>> {
  using traits = detail::pool_traits<BlockSize, Align, Checks::level>;
  using shell = basic_allocator<detail::lockfree_pool_engine<BlockSize, Align, Checks::level>,
                                policies<lock_free, Checks, no_observer>>;

 public:
  /// Bytes from one block to the next: BlockSize, rounded up to the alignment.
  static constexpr size_t block_bytes = traits::stride;
  static constexpr size_t block_alignment = traits::align;

  /// How many blocks there can be, however large the region.
  static constexpr size_t blocks_max = shell::engine_type::blocks_max;

  /// The size of a region that holds `blocks` blocks and their metadata, if the region's begin is
  /// aligned to `region_align` or better. SIZE_MAX if no region is large enough, or there can't be so many.
  static constexpr size_t required_bytes(size_t blocks,
                                         size_t region_align = default_alignment) noexcept {
    if (blocks > detail::min_of(blocks_max, SIZE_MAX / 4 / block_bytes)) {
      return SIZE_MAX;
    }
    const size_t slack = block_alignment > region_align ? block_alignment - region_align : 0;
    return shell::engine_type::bytes_for(blocks) + slack;
  }

  /// The size of a region that serves one request for `wanted`, wherever it begins.
  static constexpr size_t required_bytes_for(layout) noexcept {
    return required_bytes(1, 1);
  }

  using shell::allocate;
  using shell::deallocate;

  /// A block of block_bytes. Null iff none is left or init() has not succeeded.
  [[nodiscard]] void* allocate() noexcept {
    return this->engine_.allocate();
  }

  /// As basic_allocator::allocate; without an alignment, any that a block has is good enough.
  [[nodiscard]] void* allocate(size_t size,
                               size_t align = detail::min_of(default_alignment,
                                                             block_alignment)) noexcept {
    return shell::allocate(size, align);
  }

  /// As allocate(), but gives up when others have come in between `attempts` times: for a caller that has
  /// a bound to keep. Null if none is left, or it gave up, or `attempts` is 0.
  [[nodiscard]] void* try_allocate(unsigned attempts) noexcept {
    return this->engine_.allocate(attempts);
  }

  /// Gives `block` back; null does nothing.
  /// Returns ok, or the misuse that was found; then nothing has changed.
  status deallocate(void* block) noexcept {
    return this->engine_.deallocate(block);
  }

  /// Writes up to `count` blocks to blocks[0], blocks[1] ...; returns how many. Fewer than `count` only if
  /// no more were left. They leave the pool in one step. O(count).
  [[nodiscard]] size_t take(void** blocks, size_t count) noexcept {
    return this->engine_.take(blocks, count);
  }

  /// Gives blocks[0] ... blocks[count - 1] back in one step; nulls among them do nothing. blocks[0] is the
  /// first that is handed out again. Returns ok, or the first misuse that was found; then nothing has
  /// changed, and all others are as live as before. O(count).
  status give(void* const* blocks, size_t count) noexcept {
    return this->engine_.give(blocks, count);
  }
};

}  // namespace acre
