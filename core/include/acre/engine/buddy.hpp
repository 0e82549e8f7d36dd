// SPDX-License-Identifier: MIT
// engine::buddy: power-of-two blocks at the lowest address that is free and aligned for them.
//
// Structure: all metadata lies behind the blocks, none inside. A unit is the smallest block. 32 units
// are a leaf with two words: `free` (a bit a unit) and `start` (a bit where a live block begins).
// Over the leaves stands a binary tree, an array with node n's children at 2n and 2n+1. A leaf's word
// in it has one bit, j for "my largest free, aligned block is of order j", or is 0. The word of a parent
// is the OR of its children's, so its top bit is the largest below it; where both children are free as
// a whole, it is their next bit instead. Finding the leftmost fit walks down, keeping the words true
// walks up: O(log n), without lists, and so without anything to corrupt inside free memory.
//
//    |            tree_[1]             |  its top bit is largest_free()
//    |    tree_[2]    |    tree_[3]    |  ...
//    | leaf 0 | leaf 1 | leaf 2 | ...  |  { free, start }
//
// Leaves are numbered by their nodes, and units so that unit u lies in leaf u / 32: an address leads to
// its unit, its leaf and its node without a sum.
//
// A live block of a whole leaf or more (order >= 5) makes its tree node 0, and writes its order into
// the first leaf as start = 1, free = 2 * order + 1, which no leaf of small blocks can hold: there, a
// unit is never free and a start at once. So "is this a live block of this size?" is exact and O(1).
//
// Why the lowest address over all orders and not the best-fitting order: with it, memory of
// M * (1 + log2(n) / 2) + 3n/2 serves every sequence of requests of 1 .. n units with at most M live.
// See bound_units() for the source and the argument.
//
// I1  A unit outside [begin_, end_) has free = 0 and start = 1.
// I2  Each tree word equals what its children say, except below a live block.
// I3  In a leaf of small blocks, free and start are disjoint inside the region, and each allocated
//     unit belongs to exactly one block that begins at a start bit and is aligned to its size.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/engine/buddy_leaf.hpp>
#include <acre/engine/step_cursor.hpp>
#include <acre/layout.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI::engine {

/// How far a call in steps has come. A step is a leaf, or a node of the tree.
struct buddy_cursor : step_cursor {
  size_t leaf = 0;  // those before are done
  size_t node = 1;  // likewise, behind the leaves
};

class ACRE_API buddy_core {
 public:
  using cursor_type = buddy_cursor;

  using leaf = buddy_leaf;
  static constexpr unsigned leaf_order = leaf::order;
  static constexpr size_t leaf_units = leaf::units;
  /// Orders are bits of a word: 2^31 units are the most that can be numbered.
  static constexpr unsigned max_order = 31;

  /// Units that serve every sequence of requests of at most `largest` units, of which at most
  /// `live` units, each request rounded up to a power of two, are allocated at one time.
  ///
  /// Source: J. M. Robson, "An Estimate of the Store Size Necessary for Dynamic Storage Allocation",
  /// JACM 18 (1971): M (1 + log2(n) / 2) - n + 1 words are needed, and aligned first fit attains it.
  /// The argument here is elementary and gives up 5n/2 for it. Let E(i) be the highest end of any
  /// block of order <= i, ever. When a block of order i is put at address a, every aligned cell of
  /// 2^i below a holds a live unit, and a cell that starts at or above E(j) holds at least 2^(j+1).
  /// Summing over the cells: a + 2^i <= M + sum over j < i of E(j) / 2^(i-j) + 2^i - 1.
  /// With E(0) <= M this gives E(i) <= M (1 + i / 2) + 3/2 * 2^i.
  static constexpr size_t bound_units(size_t live, size_t largest) noexcept {
    const unsigned log = detail::ceil_log2(largest);
    const size_t n = size_t{1} << log;
    return detail::round_up(live + (live * log + 1) / 2 + n + n / 2, n);
  }

  /// Bytes of metadata for a region that spans `units`, its alignment included.
  static constexpr size_t metadata_bytes(size_t units) noexcept {
    const size_t leaves = detail::round_up((units + leaf_units - 1) >> leaf_order, 2);
    return tree_words(leaves) * sizeof(uint32_t) + leaves * sizeof(leaf);
  }

  /// The block for a request where the smallest is `unit`; 0 if no power of two is large enough.
  static constexpr size_t block_bytes(layout l, size_t unit) noexcept {
    const size_t bytes = detail::max_of(detail::max_of(l.size, l.align), unit);
    return bytes > SIZE_MAX / 2 + 1 ? 0 : size_t{1} << detail::ceil_log2(bytes);
  }

  /// A region's size for `span` bytes of blocks and their metadata. The tree spans from the region's
  /// begin rounded down to a power of two that the region reaches, so up to twice that power unless
  /// the begin is aligned that well. The metadata may itself be what lifts the region over a power of
  /// two: then once more, with the next one.
  static constexpr size_t region_bytes(size_t span, size_t unit, size_t region_align) noexcept {
    for (size_t reach = size_t{1} << detail::ceil_log2(span);; reach *= 2) {
      const size_t units = (region_align >= reach ? reach : 2 * reach) >> detail::floor_log2(unit);
      const size_t bytes = span + metadata_bytes(units) + alignof(leaf);
      if (bytes <= reach) {
        return bytes;
      }
    }
  }

  /// A region's size for a workload, by bound_units(); SIZE_MAX if no region is large enough. Blocks are
  /// aligned to their size: a region that begins elsewhere has fewer large ones.
  static constexpr size_t required_bytes(size_t peak_live, size_t largest, size_t smallest,
                                         size_t unit, size_t region_align) noexcept {
    if (peak_live > SIZE_MAX / 128 || largest > SIZE_MAX / 128 || smallest > largest) {
      return SIZE_MAX;
    }
    const size_t least = block_bytes({smallest, 1}, unit);
    const size_t top = block_bytes({largest, 1}, unit);
    const unsigned log = detail::floor_log2(least);
    const size_t live = (peak_live + least - 1) >> log;
    const size_t blocks = bound_units(live, top >> log) << log;
    const size_t slack = top > region_align ? top - region_align : 0;
    return region_bytes(blocks + slack, unit, region_align);
  }

 protected:
  status init(region memory, unsigned unit_shift, check_level level) noexcept;
  [[nodiscard]] void* allocate(size_t size, size_t align) noexcept;
  /// Is there a live block of `order` at `p`, an address that owns() admits?
  [[nodiscard]] bool is_live(uintptr_t p, unsigned order) const noexcept;
  /// Takes back the block of `order` at `p`; if `Checked`, refuses (false, and nothing has changed)
  /// what is not live.
  template <bool Checked>
  [[nodiscard]] bool give(uintptr_t p, unsigned order) noexcept;
  /// Why an address that owns() admits is not a live block of the size that was claimed.
  [[nodiscard]] status diagnose(uintptr_t p) const noexcept;
  void verify_poison(const void* block, size_t bytes) const noexcept;
  [[nodiscard]] size_t bytes_of(unsigned order) const noexcept {
    return size_t{1} << (order + unit_shift_);
  }
  /// The order of the block for a request: log2 of its units. Without a branch: the top bit of an OR is
  /// that of the largest, which lifts small requests to their alignment and to a unit. An order beyond
  /// all that exist for sizes that nothing can serve.
  [[nodiscard]] unsigned order_of(size_t size, size_t align) const noexcept {
    const size_t last = detail::one_less(size) | (align - 1) | unit_mask_;
    return order_bits_ - detail::leading_zeros_word(last);
  }

 public:
  static constexpr bool bounds_are_fixed = true;

  [[nodiscard]] bool owns(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(p) - begin_ < end_ - begin_;
  }
  [[nodiscard]] acre::usage usage() const noexcept;
  [[nodiscard]] size_t largest_free() const noexcept {
    const uint32_t orders = tree_ == nullptr ? 0 : tree_[1];
    return orders == 0 ? 0 : size_t{1} << (detail::floor_log2(orders) + unit_shift_);
  }
  [[nodiscard]] status validate() const noexcept;
  [[nodiscard]] status validate_step(buddy_cursor& cursor, size_t steps) const noexcept;
  [[nodiscard]] status usage_step(buddy_cursor& cursor, size_t steps,
                                  acre::usage& sum) const noexcept;

 private:
  static constexpr size_t tree_words(size_t leaves) noexcept {
    return (size_t{1} << detail::ceil_log2(leaves)) + leaves;
  }
  [[nodiscard]] size_t first_leaf() const noexcept {
    return size_t{1} << height_;
  }
  [[nodiscard]] leaf& leaf_at(size_t node) const noexcept {
    return *reinterpret_cast<leaf*>(leaves_origin_ + node * sizeof(leaf));
  }
  /// The same, for two accesses at once: gcc 12 by itself gives each word an address of its own.
  [[nodiscard, gnu::always_inline]] leaf* pair_at(size_t node) const noexcept {
    leaf* found = &leaf_at(node);
    detail::forget_origin(found);
    return found;
  }
  [[nodiscard]] uint32_t inside(size_t leaf_index) const noexcept;
  [[nodiscard]] size_t add_usage(acre::usage& sum, size_t leaf_index) const noexcept;
  [[nodiscard]] size_t metadata_in_use() const noexcept {
    return tree_words(leaf_count_) * sizeof(uint32_t) * (tree_ == nullptr ? 0U : 1U) +
           leaf_count_ * sizeof(leaf);
  }
  [[nodiscard]] size_t leaves_of_block(size_t leaf_index) const noexcept;
  [[nodiscard]] size_t intact_leaves_at(size_t leaf_index) const noexcept;
  [[nodiscard]] bool is_intact_node(size_t node) const noexcept;

  uint32_t* tree_ = nullptr;     // node 1 is the root; the leaves' nodes begin at 2^height_
  uintptr_t leaves_origin_ = 0;  // where a leaf of node 0 would be
  uintptr_t origin_ = 0;         // where a unit of number 0 would be
  uintptr_t begin_ = 0;          // first usable address
  uintptr_t end_ = 0;            // behind the last usable unit
  size_t leaf_count_ = 0;
  size_t unit_mask_ = 0;
  uint8_t unit_shift_ = 0;
  uint8_t order_bits_ = 0;    // of a size_t, less unit_shift_
  uint8_t small_orders_ = 0;  // those that a leaf has several of; 0 until init()
  uint8_t height_ = 0;
};

template <check_level Level>
class buddy : public buddy_core {
 public:
  ACRE_API status init(region memory, unsigned unit_shift) noexcept {
    return buddy_core::init(memory, unit_shift, Level);
  }
  [[nodiscard]] ACRE_API void* allocate(layout wanted) noexcept {
    void* block = buddy_core::allocate(wanted.size, wanted.align);
    if constexpr (Level == check_level::full) {
      if (block != nullptr) {
        verify_poison(block, bytes_of(order_of(wanted.size, wanted.align)));
      }
    }
    return block;
  }
  // As two numbers: compilers pass them in registers, and a struct through memory.
  ACRE_API status deallocate(void* block, layout given) noexcept {
    return take_back(block, given.size, given.align);
  }
  [[nodiscard]] ACRE_API bool is_live(const void* p, layout given) const noexcept {
    return owns(p) && given.valid() &&
           buddy_core::is_live(reinterpret_cast<uintptr_t>(p), order_of(given.size, given.align));
  }

 private:
  ACRE_API status take_back(void* block, size_t size, size_t align) noexcept;
};

extern template class buddy<check_level::none>;
extern template class buddy<check_level::basic>;
extern template class buddy<check_level::full>;

}  // namespace acre::engine
