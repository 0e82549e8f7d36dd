// SPDX-License-Identifier: MIT
// engine::heap: blocks of any size, in constant time.
//
// Structure: boundary tags (Knuth, The Art of Computer Programming 1, 2.5) and good fit from binned
// lists with a bitmap (two-level segregated fit: Masmano, Ripoll, Crespo and Real, ECRTS 2004), with a
// header of one word. A header holds its block's size and two flags: is this block in use, is the one
// to the left free. Only a free block says its size at its end as well, where its right neighbour
// looks for it, so that a live one pays for one word.
//
//    | header | payload ........ | header | prev | next | .... | footer | header | payload ...
//      live                        free                                   live, left is free
//
// Which free block serves a request, and why:
//   1. One of its own bin, if the first in the list is large enough. In the bins of one size that is
//      an exact fit, and it splits nothing.
//   2. The remainder of the last split (Lea's "designated victim"), if it is large enough. Requests
//      that follow each other get neighbouring blocks, and blocks that are freed in the order of their
//      allocation grow together; without this step a FIFO of network buffers needs 4 % more memory.
//   3. The first block of the first bin above its own that is not empty: the best fit, except within
//      a bin. What it leaves becomes the remainder if there is none, and goes into its bin if there is.
//
// I1, I2  see heap_bins.
// I3  A region is a sequence of blocks without a gap, from `begin` to a header that is in use for ever.
// I4  left_is_free in a header iff the block to the left is free; then its footer holds its size.
// I5  No two neighbours are free. Every free block is in the list of its bin, or is the remainder.
// I6  At basic and above, the bit of each granule in `live` is set iff a live block begins there.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/check_level.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/hot.hpp>
#include <acre/detail/poison.hpp>
#include <acre/engine/heap_bins.hpp>
#include <acre/engine/step_cursor.hpp>
#include <acre/fault.hpp>
#include <acre/layout.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI::engine {

/// One region of a heap: from its first block to the header behind its last, and which granules begin
/// a live block (null at none). Regions after the first hold their own description at their begin.
struct heap_span {
  uintptr_t begin = 0;
  size_t granules = 0;
  uint32_t* live = nullptr;
  heap_span* next = nullptr;
};

/// One block, as walk() shows it. `size` is what its user has, without the header.
struct heap_block {
  void* address;
  size_t size;
  bool live;
};

/// How far a call in steps has come. A step is a live block with the free one behind it, or a word of
/// the map without a block; when all regions are done, a bin or a word of the map of slabs.
struct heap_cursor : step_cursor {
  size_t region = 0;  // its number, from the first
  size_t at = 0;      // the granule to look at next; behind the regions, the bin
  size_t block = 0;   // where the last live block that was looked at began; 0 at first
  size_t slabs = 0;   // words of the map of slabs that are done
};

/// What a live block was cut into; the first and the last may be null.
struct heap_pieces {
  void* front;
  void* block;
  void* tail;
};

template <class Shape, check_level Level>
class heap : protected heap_bins<Shape> {
 protected:
  using bins = heap_bins<Shape>;
  using word = typename Shape::word;
  using bins::bytes;
  using bins::drop_remainder;
  using bins::first_bin_from;
  using bins::first_in;
  using bins::footer_before;
  using bins::has_remainder;
  using bins::header;
  using bins::heads_at;
  using bins::is_empty;
  using bins::last_bin;
  using bins::link;
  using bins::next;
  using bins::packed;
  using bins::prev;
  using bins::remainder;
  using bins::remainder_tag;
  using bins::set_remainder;
  using bins::size_in;
  using bins::slot;
  using bins::tag_of;
  using bins::unlink;
  using bins::unlink_first;
  using bins::write_free;

  static constexpr bool checked = Level != check_level::none;
  static constexpr size_t word_bytes = Shape::word_bytes;
  static constexpr size_t granule = Shape::align;
  static constexpr unsigned granule_log2 = detail::floor_log2(granule);

 public:
  using cursor_type = detail::conditional_t<checked, heap_cursor, void>;

  static constexpr size_t block_bytes(layout wanted) noexcept {
    return wanted.size > Shape::max_bytes ? SIZE_MAX / 2 : Shape::block_for(wanted.size);
  }

  /// The bytes that a region needs for `blocks` bytes of blocks.
  static constexpr size_t region_bytes(size_t blocks, size_t region_align) noexcept {
    const size_t lead = Shape::lead + (region_align >= granule ? 0 : granule - region_align);
    size_t map = 0;
    if constexpr (checked) {
      // The map has bits for itself, too.
      for (size_t before = 1; map != before;) {
        before = map;
        map = map_bytes(blocks + map + sizeof(uint32_t));
      }
      map += sizeof(uint32_t) - 1;
    }
    return blocks + lead + map;
  }

  status init(region memory) noexcept;
  status add_region(region memory) noexcept;

  [[nodiscard, gnu::always_inline]] inline void* allocate(layout wanted) noexcept {
    if (wanted.align <= granule && detail::is_power_of_two(wanted.align)) {
      return allocate(wanted.size);
    }
    return allocate_aligned(wanted.size, wanted.align);
  }
  [[nodiscard]] ACRE_HOT void* allocate(size_t size) noexcept;
  [[nodiscard]] void* allocate_aligned(size_t size, size_t align) noexcept;
  [[nodiscard]] void* allocate_room(size_t size, size_t align) noexcept;
  [[nodiscard]] heap_pieces split(void* room, size_t size, size_t align) noexcept;

  ACRE_HOT status deallocate(void* block) noexcept;
  ACRE_HOT status deallocate(void* block, layout given) noexcept;

  [[nodiscard]] bool try_resize(void* block, size_t size) noexcept;
  [[nodiscard]] void* try_extend_left(void* block, size_t size) noexcept;

  /// The size of the live block at `p`, header included; at basic and above 0 if none is there.
  [[nodiscard]] size_t block_size(const void* p) const noexcept {
    const auto address = reinterpret_cast<uintptr_t>(p);
    if (checked && !is_live(address)) {
      return 0;
    }
    return size_in(header(address));
  }
  /// The same without the header: what its user has.
  [[nodiscard]] size_t usable_size(const void* p) const noexcept {
    const size_t size = block_size(p);
    return size == 0 ? 0 : size - word_bytes;
  }
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept requires checked {
    const auto address = reinterpret_cast<uintptr_t>(p);
    return is_live(address) && fits(address, size_in(header(address)), given);
  }

  /// Regions are added, never moved or taken away: what is known of them stays true.
  static constexpr bool bounds_are_fixed = true;

  /// Also while add_region() runs elsewhere: a region is complete before it is linked.
  [[nodiscard]] bool owns(const void* p) const noexcept {
    const heap_span* span = &first_;
    while (span != nullptr && reinterpret_cast<uintptr_t>(p) - span->begin >= span_bytes(*span)) {
      span = __atomic_load_n(&span->next, __ATOMIC_ACQUIRE);
    }
    return span != nullptr;
  }
  [[nodiscard]] size_t largest_free() const noexcept;

  [[nodiscard]] acre::usage usage() const noexcept;
  [[nodiscard]] status validate() const noexcept;
  template <class Visitor>
  void walk(Visitor&& visit) const;
  [[nodiscard]] status validate_step(heap_cursor& cursor, size_t steps) const noexcept {
    return validate_step(cursor, steps, [](void*) { return true; });
  }
  [[nodiscard]] status usage_step(heap_cursor& cursor, size_t steps,
                                  acre::usage& sum) const noexcept;
  template <class Visitor>
  [[nodiscard]] status walk_step(heap_cursor& cursor, size_t steps, Visitor&& visit) const;

 protected:
  /// `check(block)` looks at what is in each live block.
  template <class Check>
  [[nodiscard]] status validate_step(heap_cursor& cursor, size_t steps, Check&& check) const;
  static void add_usage(acre::usage& sum, const heap_block& block) noexcept {
    const size_t size = block.size + word_bytes;
    (block.live ? sum.bytes_in_use : sum.bytes_free) += size;
    sum.blocks_in_use += block.live ? 1 : 0;
  }
  void add_overhead(acre::usage& sum, size_t first_region, size_t end_region) const noexcept;

 private:
  static constexpr size_t unknown = SIZE_MAX;
  /// In front of an aligned block; 0 where any distance is a block.
  static constexpr size_t least_gap = Shape::smallest_block > granule ? Shape::smallest_block : 0;
  struct outlook;

  static constexpr size_t map_bytes(size_t blocks) noexcept {
    return ((blocks >> granule_log2) + 31) / 32 * sizeof(uint32_t);
  }
  [[nodiscard]] static constexpr size_t span_bytes(const heap_span& span) noexcept {
    return span.granules << granule_log2;
  }
  [[nodiscard, gnu::always_inline]] static inline status lay_out(heap_span& span, uintptr_t from,
                                                                 uintptr_t limit) noexcept;
  [[nodiscard, gnu::always_inline]] static inline size_t adopt(const heap_span& span) noexcept;

  /// The granule's number if `p` is a multiple of it; else a number larger than any.
  [[nodiscard, gnu::always_inline]] static size_t granule_of(const heap_span& span,
                                                             uintptr_t p) noexcept {
    return detail::rotate_right_word(p - span.begin, granule_log2);
  }
  [[nodiscard]] const heap_span* span_of(uintptr_t p) const noexcept {
    const heap_span* span = &first_;
    while (span != nullptr && p - span->begin >= span_bytes(*span)) {
      span = span->next;
    }
    return span;
  }
  /// Nearly every heap has one region: the others are looked through out of line.
  [[nodiscard, gnu::always_inline]] const heap_span& span_of_block(uintptr_t p) const noexcept {
    if (!ACRE_FOR_SIZE && p - first_.begin < span_bytes(first_)) [[likely]] {
      return first_;
    }
    return *span_of(p);
  }
  [[nodiscard]] bool is_live(uintptr_t p) const noexcept {
    const heap_span* span = span_of(p);
    if (span == nullptr || (p & (granule - 1)) != 0) {
      return false;
    }
    return begins_live(*span, granule_of(*span, p));
  }
  [[nodiscard, gnu::always_inline]] static bool begins_live(const heap_span& span,
                                                            size_t g) noexcept {
    return (span.live[g / 32] & detail::bit_from_top(g)) != 0;
  }
  [[gnu::always_inline]] static void flip_live(const heap_span& span, uintptr_t p) noexcept {
    const size_t g = granule_of(span, p);
    span.live[g / 32] ^= detail::bit_from_top(g);
  }
  /// The size in a live block's header. Where that is checked: no multiple of the granule, and so a
  /// number of granules beyond all, if the header is not in use.
  [[nodiscard, gnu::always_inline]] static size_t live_size_in(size_t head) noexcept {
    return checked ? bytes((head ^ Shape::in_use) & ~size_t{Shape::left_is_free}) : size_in(head);
  }
  /// Is what is left over, a multiple of the granule, enough for a block of its own?
  [[nodiscard, gnu::always_inline]] static bool is_block(size_t rest) noexcept {
    return Shape::smallest_block == granule ? rest != 0 : rest >= Shape::smallest_block;
  }
  /// Is a block of `size` at `p` what a request for `given` gets? A rest that is too small for a block
  /// of its own stays with the one that it would have been cut from.
  [[nodiscard, gnu::always_inline]] static bool fits(uintptr_t p, size_t size,
                                                     layout given) noexcept {
    return given.size <= Shape::max_bytes &&
           size - Shape::block_for(given.size) <= Shape::smallest_block - granule &&
           (p & (given.align - 1)) == 0;
  }

  [[nodiscard]] ACRE_HOT size_t room_for(size_t size, size_t align) const noexcept;
  [[nodiscard]] ACRE_HOT static uintptr_t aligned_in(uintptr_t p, size_t align) noexcept;
  [[nodiscard]] ACRE_HOT uintptr_t find(size_t want) const noexcept;
  ACRE_HOT void* carve(uintptr_t p, size_t have, size_t want, uintptr_t origin) noexcept;
  ACRE_HOT static void write_live(uintptr_t p, size_t size) noexcept;
  ACRE_HOT void* hand_out(uintptr_t p, size_t size, size_t skip) noexcept;
  [[gnu::always_inline]] inline void put(uintptr_t p, size_t size, uintptr_t origin) noexcept;
  void cut(uintptr_t p, size_t have, size_t want, size_t left_flag) noexcept;
  template <bool Sized>
  [[gnu::always_inline]] inline status give(void* block, layout given) noexcept;
  template <bool Sized>
  [[nodiscard, gnu::always_inline]] inline bool inspect(uintptr_t p, layout given,
                                                        heap_span& span) const noexcept;
  [[nodiscard]] bool may_resize(void* block, heap_span& span) const noexcept;
  [[nodiscard]] bool is_intact_free(uintptr_t p) const noexcept;
  [[nodiscard, gnu::always_inline]] inline bool is_intact_live(const heap_span& span,
                                                               uintptr_t p) const noexcept;
  [[nodiscard]] bool is_intact_left(const heap_span& span, uintptr_t p) const noexcept;
  [[nodiscard]] bool is_block_of_list(size_t offset) const noexcept;
  [[nodiscard]] bool lists_hold(size_t free_blocks) const noexcept;
  [[nodiscard]] const heap_span* span_number(size_t number) const noexcept;
  [[nodiscard]] bool look_ahead(const heap_span& span, const heap_cursor& cursor,
                                outlook& found) const noexcept;
  [[nodiscard]] bool look_behind(const heap_span& span, size_t g, outlook& found) const noexcept;
  [[nodiscard]] bool is_as_expected(const heap_span& span, uintptr_t p,
                                    const outlook& expected) const noexcept;
  [[nodiscard]] bool is_intact_bin(size_t bin) const noexcept;
  [[nodiscard]] status diagnose(uintptr_t p) const noexcept;
  [[nodiscard, gnu::noinline, gnu::cold]] status refuse(void* block,
                                                        const void* call_site) const noexcept {
    return detail::raise_misuse(diagnose(reinterpret_cast<uintptr_t>(block)), block, this,
                                call_site);
  }
  void check_free(uintptr_t p) const noexcept;

  size_t limit_ = 0;  // requests below this size can be served; 0 until init()
  uintptr_t origin_ = 0;
  heap_span first_;
};

}  // namespace acre::engine

#include <acre/detail/abi.hpp>
#include <acre/engine/heap_audit.hpp>
#include <acre/engine/heap_blocks.hpp>
#include <acre/engine/heap_regions.hpp>
#include <acre/engine/heap_resize.hpp>
#include <acre/engine/heap_sections.hpp>
#include <acre/engine/heap_steps.hpp>
