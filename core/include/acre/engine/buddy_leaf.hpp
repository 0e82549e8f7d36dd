// SPDX-License-Identifier: MIT
// buddy_leaf: what a buddy knows of 32 neighbouring units, in two words, and what these two say.
#pragma once

#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>

namespace acre::inline ACRE_ABI::engine {

/// A leaf of small blocks, or the first one of a live block of a whole leaf or more.
struct buddy_leaf {
  uint32_t free;   // a bit a unit; in a big block big_mark(order)
  uint32_t start;  // a bit where a live block begins; in a big block 1

  static constexpr unsigned order = 5;
  static constexpr unsigned units = 1U << order;
  static constexpr uint32_t all_free = ~uint32_t{0};
  /// The bit of a leaf that is free as a whole.
  static constexpr uint32_t whole = uint32_t{1} << order;

  /// No leaf of small blocks holds it, with a start of 1: there, no unit is free and a start at once.
  static constexpr uint32_t big_mark(unsigned block_order) noexcept {
    return 2 * block_order + 1;
  }
  [[nodiscard]] constexpr bool is_big() const noexcept {
    return start == 1 && (free & 1U) != 0;
  }
  [[nodiscard]] constexpr bool is_big_of(unsigned block_order) const noexcept {
    return start == 1 && free == big_mark(block_order);
  }

  /// Does a live block begin at unit `lowest`, a bit, of a leaf of small blocks? `mask` is its units.
  /// It begins here, no other begins in it, and none of it is free; and it does not go on: what follows
  /// is another leaf, a free unit or another block's start.
  [[nodiscard]] constexpr bool begins(uint32_t mask, uint32_t lowest) const noexcept {
    const uint32_t behind = mask + lowest;  // the bit behind the block; 0 at the leaf's end
    return ((((start ^ lowest) | free) & mask) | (behind & ~(free | start))) == 0;
  }
};

/// What an order below a leaf's is in a leaf: the units of a block at unit 0, and where one may begin.
struct buddy_order_masks {
  uint32_t run;
  uint32_t aligned;
};
inline constexpr buddy_order_masks buddy_masks_of[buddy_leaf::order] = {{0x0000'0001, 0xFFFF'FFFF},
                                                                        {0x0000'0003, 0x5555'5555},
                                                                        {0x0000'000F, 0x1111'1111},
                                                                        {0x0000'00FF, 0x0101'0101},
                                                                        {0x0000'FFFF, 0x0001'0001}};

/// The last unit of the lowest aligned block that is free; there is one. Each block is incremented: the
/// lowest that is free as a whole becomes 0, and none below it carries into the next one.
constexpr unsigned last_of_lowest(uint32_t free, uint32_t aligned) noexcept {
  const uint32_t last_units = detail::rotate_right(aligned, 1);
  return detail::trailing_zeros(free & ~(free + aligned) & last_units);
}
static_assert(last_of_lowest(0x0FF0'F0EE, 0x1111'1111) == 15 &&
              last_of_lowest(0xFFFF'7FFF, 0x0001'0001) == 31 &&
              last_of_lowest(0x90, buddy_leaf::all_free) == 4);

/// The bit of the largest order that is free and aligned in a leaf that is not free as a whole; 0 if none
/// is. Looks in the middle first.
constexpr uint32_t largest_below_leaf(uint32_t free) noexcept {
  const uint32_t twos = free & (free >> 1) & 0x5555'5555U;
  const uint32_t fours = twos & (twos >> 2) & 0x1111'1111U;
  if (fours == 0) {
    return twos != 0 ? 2U : free != 0 ? 1U : 0U;
  }
  const uint32_t eights = fours & (fours >> 4) & 0x0101'0101U;
  if (eights == 0) {
    return 4;
  }
  const uint32_t halves = eights & (eights >> 8) & 0x0001'0001U;
  return halves == 0 ? 8 : 16;
}
constexpr uint32_t largest_in_leaf(uint32_t free) noexcept {
  return free == buddy_leaf::all_free ? buddy_leaf::whole : largest_below_leaf(free);
}
static_assert(largest_in_leaf(buddy_leaf::all_free) == 0x20 &&
              largest_in_leaf(0xFFFF'FF00) == 0x10 && largest_in_leaf(0xF0FF'0000) == 8 &&
              largest_in_leaf(0x0000'00F0) == 4 && largest_in_leaf(0x0000'003E) == 2 &&
              largest_in_leaf(0x6) == 1 && largest_in_leaf(0) == 0);

}  // namespace acre::engine
