// SPDX-License-Identifier: MIT
// heap: blocks of any size, allocated and freed in any order, in constant time. The general-purpose
// allocator; where sizes or lifetimes are known, pool, slab, stack or arena cost less.
//
// A block costs a header of one word in front of it: 2 bytes in a heap of at most 64 KiB, 4 in larger
// ones (engine/heap_shape.hpp), and is rounded up, header included, to the natural alignment. Free
// memory merges at once, with both neighbours.
//
// At basic and above deallocate finds, before anything changes: double_free, foreign_pointer,
// interior_pointer, misaligned_pointer and, where a size is given, wrong_size; and most headers that
// were overwritten by a write past the block in front (docs/misuse.md says which). This costs a bit for
// each natural alignment in the region: 1/64 of it where that is 8 bytes. At full also: links, footers,
// and writes to free memory.
#pragma once

#include <acre/basic_allocator.hpp>
#include <acre/config.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/heap.hpp>
#include <acre/engine/heap_slabs.hpp>

namespace acre::inline ACRE_ABI {

using heap_block = engine::heap_block;

/// How far validate_step(), usage_step() or walk_step() of a heap has come.
using heap_cursor = engine::heap_cursor;

namespace detail {

template <size_t MaxBytes, check_level Level, size_t SmallLimit>
struct heap_engine_of {
  using type =
      engine::heap_slabs<engine::heap_shape<MaxBytes, config::heap_align>, Level, SmallLimit>;
};
template <size_t MaxBytes, check_level Level>
struct heap_engine_of<MaxBytes, Level, 0> {
  using type = engine::heap<engine::heap_shape<MaxBytes, config::heap_align>, Level>;
};
template <size_t MaxBytes, check_level Level, size_t SmallLimit>
using heap_engine = typename heap_engine_of<MaxBytes, Level, SmallLimit>::type;

}  // namespace detail

/// A block, and how many bytes of it the caller may use.
struct sized_block {
  void* address = nullptr;
  size_t size = 0;
};

/// Blocks of any size in regions that span at most `MaxBytes` of addresses, holes between them
/// included.
///
/// allocate() answers null iff the heap has no room, is not initialised, or the layout is not valid().
/// It looks at the first block of the request's bin, the remainder, and the first block of the next
/// bin above; any block in a bin above is large enough. So it finds room if a block is free that is a
/// quarter larger than the request with its header, or that was just freed by a request of the same
/// size. In the exact bins, below 64 natural alignments (32 where MaxBytes is at most 16 KiB), no room
/// is overlooked. More than the natural alignment needs a free block that is larger by `align`, even if
/// a smaller one happens to begin at a multiple of it.
///
/// Cost: allocate and deallocate O(1), whatever the size, the alignment and the state of the heap;
/// docs/certificate.md has the worst cases. init O(bins), at basic and above O(region / 512), at full
/// O(region). The object itself: 224 bytes for 64 KiB, 148 for 16 KiB, 116 for 1 KiB on
/// 32-bit targets; sizeof is the exact figure.
///
/// Under a lock that delays interrupts (interrupt_delaying_lock) the longest calls are made in parts, with
/// the lock free in between: an alignment above the natural one in four, and a slab is taken from the heap or
/// given back to it by itself. Whoever comes in between finds the heap whole, and more of it in use; such a
/// call takes about twice the instructions. docs/contexts.md has the longest part.
///
/// validate_step() looks at a live block a step, with the free one behind it, or at 32 granules without a
/// live one (at full with their fill), and at last at the lists; with a `SmallLimit` first at the map of
/// slabs, and with each slab at what is in it. O(regions) a call and O(regions) a step. What it does not
/// see: a list whose links are wrong in step on both ends, and, below full, a link to where a free block began
/// before it grew together with another, if what is left there names it; a live block that is missing in
/// the map, if the live one in front of it was given back between the steps that would have compared them.
///
/// Source: boundary tags (Knuth), two-level segregated fit (Masmano et al., 2004), a remainder that is
/// carved first (Lea); see engine/heap.hpp.
///
/// `SmallLimit` puts slabs in front: requests of up to that many bytes (at most 8 natural alignments)
/// share slabs of 32 natural alignments, without a header each. 0 for none. It costs a bit for each
/// place of a slab in MaxBytes, and some instructions in every call.
template <size_t MaxBytes = config::heap_max_bytes, class Policies = policies<>,
          size_t SmallLimit = config::heap_small_limit>
class heap
    : public basic_allocator<detail::heap_engine<MaxBytes, Policies::level, SmallLimit>, Policies> {
  using shape = engine::heap_shape<MaxBytes, config::heap_align>;
  using base =
      basic_allocator<detail::heap_engine<MaxBytes, Policies::level, SmallLimit>, Policies>;
  using base::bytes_of;
  using base::engine_;
  using base::lock_;
  using base::note_allocation;
  using base::note_deallocation;
  using base::observed;
  using base::observer_;

 public:
  static constexpr size_t max_bytes = MaxBytes;
  /// Every block is a multiple of it; layouts with at most this alignment cost nothing extra.
  static constexpr size_t natural_alignment = config::heap_align;
  static constexpr size_t header_bytes = shape::word_bytes;
  static constexpr size_t smallest_block = shape::smallest_block;

  /// The size of the block that serves a request, header included: what counts in required_bytes().
  static constexpr size_t block_bytes(layout wanted) noexcept {
    return base::engine_type::block_bytes(wanted);
  }

  /// A block of at least `size` bytes with the default alignment. Null iff there is no room, or the
  /// heap is not initialised; then nothing has changed.
  [[nodiscard]] void* allocate(size_t size) noexcept {
    return take({size, default_alignment});
  }
  /// The same with an alignment, any power of two; null also if it is none.
  [[nodiscard, gnu::always_inline]] inline void* allocate(size_t size, size_t align) noexcept {
    // Nearly every alignment is a constant, and no larger than what blocks have anyway.
    if (__builtin_constant_p(align <= default_alignment && detail::is_power_of_two(align)) &&
        align <= default_alignment && detail::is_power_of_two(align)) {
      return allocate(size);
    }
    return allocate_at(size, align);
  }
  /// The same for a layout.
  [[nodiscard, gnu::always_inline]] inline void* allocate(layout wanted) noexcept {
    return allocate(wanted.size, wanted.align);
  }

  /// Adds a further region, above the first and within MaxBytes of its begin. Memory between regions
  /// is not touched, and no block spans two of them. Costs the region a header of four words, and calls
  /// at basic and above a comparison for each region before that of their block.
  /// Returns ok; or not_initialised (there is no first region), invalid_argument (null, empty, wraps,
  /// or overlaps one of the heap's), region_too_small, or region_out_of_reach; then nothing changed.
  [[nodiscard]] status add_region(region memory) noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return engine_.add_region(memory);
  }

  /// A block of at least `size` bytes, and what it really has: all of that may be used, and any size
  /// from the one that was asked for up to it may be given to deallocate.
  [[nodiscard]] sized_block allocate_at_least(size_t size,
                                              size_t align = default_alignment) noexcept {
    if constexpr (in_sections) {
      void* block = take({size, align});
      return {block, usable_size(block)};
    }
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return {};
    }
    void* block = engine_.allocate({size, align});
    note_allocation(block, {size, align});
    return block == nullptr ? sized_block{} : sized_block{block, engine_.usable_size(block)};
  }

  /// A zeroed block for `count` objects of `size` bytes; null also if the product overflows. Zeroing
  /// is O(size), and not under the lock.
  [[nodiscard]] void* allocate_zeroed(size_t count, size_t size) noexcept {
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) {
      return nullptr;
    }
    void* block = allocate(bytes);
    if (block != nullptr) {
      __builtin_memset(block, 0, bytes);
    }
    return block;
  }

  /// Gives back a block without saying its size. Null is accepted and does nothing. Returns ok, or the
  /// misuse that was found; then nothing has changed.
  status deallocate(void* block) noexcept {
    return give(block);
  }
  /// The same for a block whose size is known: at basic and above, another size is refused.
  status deallocate(void* block, size_t size) noexcept {
    return give(block, layout{size, 1});
  }
  /// The same, and a block that has less than this alignment is refused as well.
  [[gnu::always_inline]] inline status deallocate(void* block, size_t size, size_t align) noexcept {
    // A constant, and no larger than what every block has: as above.
    if (__builtin_constant_p(align <= natural_alignment) && align <= natural_alignment) {
      return deallocate(block, size);
    }
    return deallocate_at(block, size, align);
  }
  /// The same for the layout of the request.
  [[gnu::always_inline]] inline status deallocate(void* block, layout given) noexcept {
    return deallocate(block, given.size, given.align);
  }

  /// The bytes of a live block that its user has; 0 for null and, at basic and above, for everything
  /// that is not a live block, which is no fault here. At none it must be null or a live block. O(1).
  [[nodiscard]] size_t usable_size(const void* block) const noexcept {
    const call_guard guard(lock_, this, block);
    if (guard.refused()) {
      return 0;
    }
    return block == nullptr ? 0 : engine_.usable_size(block);
  }

  /// Makes the block larger or smaller where it is, at its upper end; from then on its size, as
  /// deallocate() asks for it, is `size`. Size 0 is served as 1. Returns false iff there is no room
  /// directly behind it, or it is null or not a live block (the latter at basic and above a fault, at
  /// none undefined); then nothing has changed. O(1).
  [[nodiscard]] bool try_resize(void* block, size_t size) noexcept {
    const call_guard guard(lock_, this, block);
    if (guard.refused()) {
      return false;
    }
    const size_t before = bytes_of(block, {});
    const bool resized = engine_.try_resize(block, size);
    if (resized) {
      note_resize(before, block);
    }
    return resized;
  }

  /// Makes the block larger at its lower end. Returns where it begins now, which is the address to give
  /// back, with `size`; what was in it still lies at the old address. A block that is large enough
  /// already is returned as it is, and is given back with the size that it had. Null iff there is no room directly in front of it, or it is null or not a live
  /// block (the latter at basic and above a fault, at none undefined); then nothing has changed. The
  /// new begin has the natural alignment, not that of the first request. O(1).
  [[nodiscard]] void* try_extend_left(void* block, size_t size) noexcept {
    const call_guard guard(lock_, this, block);
    if (guard.refused()) {
      return nullptr;
    }
    const size_t before = bytes_of(block, {});
    void* grown = engine_.try_extend_left(block, size);
    if (grown != nullptr) {
      note_resize(before, grown);
    }
    return grown;
  }

  /// Makes the block `size` bytes large, where it is or elsewhere, in any region; contents are kept up
  /// to the smaller size. `align` is the alignment of the result: the block moves if it has less. A
  /// null block is an allocation; size 0 is served as 1.
  /// In this order: in place at the upper end; a new block; at the lower end, if the natural alignment
  /// is enough. Returns null iff none of these has room, `align` is no power of two, or it is not a live
  /// block (at basic and above a fault, at none undefined); then nothing has changed, and the old block
  /// is still live. O(1), and O(size) not under the lock if the block moves: the caller makes sure that
  /// nobody uses it meanwhile, and an observer sees both blocks.
  [[nodiscard]] void* reallocate(void* block, size_t size,
                                 size_t align = default_alignment) noexcept {
    if (block == nullptr) {
      return allocate(size, align);
    }
    if (!detail::is_power_of_two(align)) {
      return nullptr;
    }
    const bool stays = (reinterpret_cast<uintptr_t>(block) & (align - 1)) == 0;
    if (stays && try_resize(block, size)) {
      return block;
    }
    const size_t old_size = usable_size(block);
    if (old_size == 0) {
      if (!stays) {
        static_cast<void>(deallocate(block));  // raises what try_resize() has raised otherwise
      }
      return nullptr;
    }
    if (void* moved = allocate(size, align); moved != nullptr) {
      __builtin_memcpy(moved, block, detail::min_of(old_size, size));
      static_cast<void>(deallocate(block));
      return moved;
    }
    if (align > natural_alignment) {
      return nullptr;
    }
    void* grown = try_extend_left(block, size);
    if (grown != nullptr && grown != block) {
      __builtin_memmove(grown, block, old_size);
    }
    return grown;
  }

  /// The sum of the free blocks, headers included. Usually more than largest_free(), which is the
  /// largest request that would succeed. O(blocks).
  [[nodiscard]] size_t free_bytes() const noexcept {
    return this->usage().bytes_free;
  }

  /// Calls visit(const heap_block&) for each block, live or free, from the lowest address up, until it
  /// answers false. Under the lock: it must not call this heap. A block that was overwritten may end
  /// the walk early. O(blocks).
  template <class Visitor>
  void walk(Visitor&& visit) const {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return;
    }
    engine_.walk(static_cast<Visitor&&>(visit));
  }

  /// walk() in parts: `steps` times a live block and the free one behind it, or a stretch of 32 granules
  /// without a live one, with the lock held for as long as these take. A slab in front counts as one
  /// block, and all its objects are shown at once. A block that is live from the first call to the last
  /// and stays at its address is shown once; free blocks are shown as they are found. The visitor ends
  /// the walk by answering false, and must not call this heap. Returns as validate_step(); O(steps).
  template <class Visitor>
  [[nodiscard]] status walk_step(heap_cursor& cursor, size_t steps, Visitor&& visit) const
      requires(Policies::level != check_level::none) {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return engine_.walk_step(cursor, steps, static_cast<Visitor&&>(visit));
  }

  /// The size of a region in which no sequence of requests can fail, as long as the sum of the live
  /// blocks (block_bytes() of each) is at most `peak_live`, every request is between `smallest` and
  /// `largest`, and no alignment is above the natural one. A block that reallocate() moves counts twice
  /// while it moves. SIZE_MAX if no region is large enough.
  ///
  /// No two free blocks are neighbours, so there is at most one more of them than there are live
  /// blocks, and a request fails only if all of them are smaller than it, or not larger than the last
  /// size of its bin. The sum is about peak_live * largest / smallest; J. M. Robson, "Worst case
  /// fragmentation of first fit and best fit storage allocation strategies", The Computer Journal 20
  /// (1977), shows that best fit really needs that order. buddy has a far better guarantee.
  static constexpr size_t required_bytes(size_t peak_live, size_t largest, size_t smallest = 1,
                                         size_t region_align = default_alignment) noexcept
      requires(SmallLimit == 0) {
    if (largest > MaxBytes || smallest > largest || peak_live > MaxBytes) {
      return SIZE_MAX;
    }
    const size_t least = shape::block_for(smallest);
    const size_t most = shape::block_for(largest);
    // A rest that is too small for a block of its own stays with the block that it was cut from.
    constexpr size_t kept = shape::smallest_block - natural_alignment;
    size_t worst = 0;
    for (size_t want = least; want <= most && want <= peak_live;
         want = shape::largest_in_bin_of(want) + natural_alignment) {
      // The smallest of a bin leaves the most to be live, and misses the same free blocks. Where a bin
      // has one size, a free block of that size is found: the largest that is missed is below it.
      const size_t missed =
          want < shape::linear ? want - natural_alignment : shape::largest_in_bin_of(want);
      const size_t live = peak_live - want;
      const size_t gaps = live / least + 1;
      if (gaps > MaxBytes / (missed + kept + 1)) {
        return SIZE_MAX;
      }
      worst = detail::max_of(worst, live + gaps * (missed + kept));
    }
    const size_t region = base::engine_type::region_bytes(
        detail::max_of(worst + natural_alignment, most), region_align);
    return region > MaxBytes ? SIZE_MAX : region;
  }

  /// The size of a region that serves one request for `wanted`, wherever it begins.
  static constexpr size_t required_bytes_for(layout wanted) noexcept {
    if (!wanted.valid() || wanted.size > MaxBytes || wanted.align > MaxBytes) {
      return SIZE_MAX;
    }
    const size_t gap = wanted.align > natural_alignment ? wanted.align + shape::smallest_block : 0;
    return base::engine_type::region_bytes(shape::block_for(wanted.size) + gap, 1);
  }

 private:
  /// Are calls that would hold the lock for long made in parts, with the lock free in between?
  static constexpr bool in_sections = interrupt_delaying_lock<typename Policies::lock>;
  static constexpr bool slabs_in_sections = in_sections && SmallLimit != 0;

  // For an alignment that is no constant: not inlined into whoever calls.
  [[nodiscard]] void* allocate_at(size_t size, size_t align) noexcept {
    return take({size, align});
  }
  status deallocate_at(void* block, size_t size, size_t align) noexcept {
    return give(block, layout{size, align});
  }

  [[nodiscard, gnu::always_inline]] inline void* take(layout wanted) noexcept {
    if constexpr (in_sections) {
      if (wanted.align > natural_alignment) {
        return take_aligned<true>(wanted);
      }
    }
    if constexpr (slabs_in_sections) {
      void* object = nullptr;
      if (!take_ready(wanted, object)) [[unlikely]] {
        object = take_with_slab(wanted);
      }
      return object;
    } else {
      const call_guard guard(lock_, this);
      if (guard.refused()) {
        return nullptr;
      }
      void* block = engine_.allocate(wanted);
      note_allocation(block, wanted);
      return block;
    }
  }

  /// More than the natural alignment: a larger block, which is cut, and what is too much is given back.
  /// The observer is told of the result alone, if `Told`.
  template <bool Told>
  [[nodiscard]] void* take_aligned(layout wanted) noexcept {
    void* room = nullptr;
    {
      const call_guard guard(lock_, this);
      if (guard.refused()) {
        return nullptr;
      }
      room = engine_.allocate_room(wanted.size, wanted.align);
      if (room == nullptr) {
        if constexpr (Told) {
          note_allocation(nullptr, wanted);
        }
        return nullptr;
      }
    }
    engine::heap_pieces pieces{};
    {
      const call_guard guard(lock_, this);
      if (guard.refused()) {
        return nullptr;
      }
      pieces = engine_.split(room, wanted.size, wanted.align);
      if constexpr (Told) {
        note_allocation(pieces.block, wanted);
      }
    }
    give_silently(pieces.front);
    give_silently(pieces.tail);
    return pieces.block;
  }

  /// False iff the request needs a slab first.
  [[nodiscard, gnu::always_inline]] inline bool take_ready(layout wanted, void*& block) noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return true;
    }
    if (engine_.wants_slab(wanted)) [[unlikely]] {
      return false;
    }
    block = engine_.allocate(wanted);
    note_allocation(block, wanted);
    return true;
  }
  [[nodiscard, gnu::noinline]] void* take_with_slab(layout wanted) noexcept {
    void* const memory = take_aligned<false>(base::engine_type::slab_layout);
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return nullptr;
    }
    void* block = engine_.allocate_from(memory, wanted);
    note_allocation(block, wanted);
    return block;
  }

  /// `given`: nothing, or a layout.
  template <class... Given>
  [[gnu::always_inline]] inline status give(void* block, Given... given) noexcept {
    void* emptied = nullptr;
    status result = status::ok;
    {
      const call_guard guard(lock_, this, block);
      if (guard.refused()) {
        return status::wrong_context;
      }
      const size_t bytes = bytes_of(block, {});
      if constexpr (slabs_in_sections) {
        result = engine_.deallocate_keeping(emptied, block, given...);
      } else {
        result = engine_.deallocate(block, given...);
      }
      note_deallocation(result, block, bytes);
    }
    if constexpr (slabs_in_sections) {
      give_silently(emptied);
    }
    return result;
  }
  /// Of this the observer was not told before.
  void give_silently(void* piece) noexcept {
    if (piece != nullptr) {
      const call_guard guard(lock_, this);
      if (!guard.refused()) {
        static_cast<void>(engine_.deallocate(piece));
      }
    }
  }

  void note_resize(size_t before, const void* block) noexcept {
    if constexpr (observed) {
      observer_.on_deallocate(before);
      observer_.on_allocate(bytes_of(block, {}));
    }
  }
};

}  // namespace acre
