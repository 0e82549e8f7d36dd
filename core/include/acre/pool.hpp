// SPDX-License-Identifier: MIT
// pool: blocks of one size over any region, O(1) in everything.
//
// Use it for objects of one kind: packets, messages, nodes. No header, no fragmentation; a block
// costs its own bytes, and one bit (or byte) more where frees are checked.
//
// | level | finds at deallocate                                       | control | live map      |
// | none  | nothing                                                   | 4 words | none          |
// | basic | every double, foreign, interior and misaligned free, O(1) | 4 words | 1 bit a block |
// | full  | basic; at allocate also writes after free, O(block)       | 5 words | 1 bit a block |
#pragma once

#include <acre/basic_allocator.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/pool_checked.hpp>
#include <acre/engine/pool_unchecked.hpp>

namespace acre::inline ACRE_ABI {

/// How far validate_step(), usage_step() or walk_step() of a pool has come.
using pool_cursor = engine::pool_cursor;

namespace detail {

/// What a block is aligned to unless the user says otherwise: the largest
/// power of two that divides it, at least a pointer's, at most default_alignment.
constexpr size_t natural_alignment_of(size_t block_size) noexcept {
  return max_of(alignof(void*), min_of(lowest_bit(block_size), default_alignment));
}
template <size_t BlockSize>
inline constexpr size_t natural_alignment = natural_alignment_of(BlockSize);

/// Bytes from one block to the next.
constexpr size_t pool_stride(size_t block_size, size_t align) noexcept {
  return round_up(max_of(block_size, sizeof(void*)), align);
}

template <size_t Stride, size_t Align, check_level Level>
using pool_engine = conditional_t<
    Level == check_level::none, engine::pool_unchecked<Stride, Align>,
    engine::pool_checked<Stride, Align, Level,
                         conditional_t<config::pool_state_bytes, byte_live_map, bit_live_map>>>;

template <size_t BlockSize, size_t Align, check_level Level>
struct pool_traits {
  static_assert(BlockSize > 0, "a block has at least one byte");
  static_assert(is_power_of_two(Align), "an alignment is a power of two");

  static constexpr size_t align = max_of(Align, alignof(void*));
  static constexpr size_t stride = pool_stride(BlockSize, align);
  using engine = pool_engine<stride, align, Level>;
};

/// What a pool does where it does not matter when the block's size is known.
template <class Engine, class Policies>
class pool_shell : public basic_allocator<Engine, Policies> {
  using shell = basic_allocator<Engine, Policies>;

 public:
  using shell::allocate;
  using shell::deallocate;

  /// A block. Null iff none is left or init() has not succeeded.
  [[nodiscard]] void* allocate() noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return nullptr;
    }
    void* block = this->engine_.allocate();
    this->note_allocation(block, {geometry().stride, geometry().align});
    return block;
  }

  /// Gives `block` back; null does nothing.
  /// Returns ok, or the misuse that was found; then nothing has changed.
  status deallocate(void* block) noexcept {
    const call_guard guard(this->lock_, this, block);
    if (guard.refused()) {
      return status::wrong_context;
    }
    const status result = this->engine_.deallocate(block);
    this->note_deallocation(result, block, geometry().stride);
    return result;
  }

  /// Calls visit(void* block) for each live block, highest address first, under the lock.
  /// O(blocks ever handed out). Not at level none, which does not know what is live.
  template <class Visitor>
  requires(Policies::level != check_level::none) void for_each_live(Visitor&& visit) const {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return;
    }
    this->engine_.for_each_live(static_cast<Visitor&&>(visit));
  }

  /// for_each_live() in parts: the next `steps` blocks, live or free, with the lock held for as long as
  /// these take. A block that is live from the first call to the last is visited once; one that comes
  /// or goes meanwhile, at most once for each time that it is handed out. The visitor must not call
  /// this pool. Returns as validate_step(). O(steps).
  template <class Visitor>
  requires(Policies::level != check_level::none) [[nodiscard]] status
      walk_step(pool_cursor& cursor, size_t steps, Visitor&& visit) const {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return this->engine_.walk_step(cursor, steps, static_cast<Visitor&&>(visit));
  }

 private:
  // Constants, or the engine's own.
  [[nodiscard, gnu::always_inline]] inline const engine::pool_geometry& geometry() const noexcept {
    return this->engine_.geometry;
  }
};

}  // namespace detail

/// Blocks of `BlockSize` bytes, each aligned to `Align`, any power of two.
///
/// init() is O(1): blocks are carved from the region as they are first needed.
/// Cost of allocate and deallocate: O(1); see docs/certificate.md for the instruction counts.
/// Misuse found at basic and above, before anything changes: double_free (the block is not live),
/// foreign_pointer, interior_pointer, misaligned_pointer, and wrong_size for a layout that is
/// larger than the block.
///
/// validate_step() looks at a block a step, O(1), at full O(block): at its flag, and if it is free at its
/// link. What it does not see is a free list that ends early or runs in a circle. At none there is no
/// step form of anything: without a map, what is live and what is free is known from the head of the
/// list only.
template <size_t BlockSize, class Policies = policies<>,
          size_t Align = detail::natural_alignment<BlockSize>>
class pool
    : public detail::pool_shell<
          typename detail::pool_traits<BlockSize, Align, Policies::level>::engine, Policies> {
  using traits = detail::pool_traits<BlockSize, Align, Policies::level>;
  using shell = detail::pool_shell<typename traits::engine, Policies>;

 public:
  /// Bytes from one block to the next: BlockSize, rounded up to the alignment.
  static constexpr size_t block_bytes = traits::stride;
  static constexpr size_t block_alignment = traits::align;

  /// The size of a region that holds `blocks` blocks and their metadata, if the region's begin is
  /// aligned to `region_align` or better. SIZE_MAX if no region is large enough.
  static constexpr size_t required_bytes(size_t blocks,
                                         size_t region_align = default_alignment) noexcept {
    if (blocks > SIZE_MAX / 4 / block_bytes) {
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
  using shell::for_each_live;
  using shell::walk_step;

  /// As basic_allocator::allocate; without an alignment, any that a block has is good enough.
  [[nodiscard]] void* allocate(size_t size,
                               size_t align = detail::min_of(default_alignment,
                                                             block_alignment)) noexcept {
    return shell::allocate(size, align);
  }
};

}  // namespace acre
