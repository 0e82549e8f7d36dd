// SPDX-License-Identifier: MIT
// engine::buddy: what is live, what is in use, and whether all of it agrees. Nothing here changes anything.
#include <acre/detail/poison.hpp>
#include <acre/engine/buddy.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::engine {

void buddy_core::verify_poison(const void* block, size_t bytes) const noexcept {
  if (!detail::is_poisoned(block, 0, bytes)) {
    detail::raise_corruption(block, this);
  }
}

bool buddy_core::is_live(uintptr_t p, unsigned order) const noexcept {
  const size_t offset = p - origin_;
  if (order >= max_order || (offset & (bytes_of(order) - 1)) != 0) {
    return false;
  }
  const size_t unit = offset >> unit_shift_;
  const leaf& l = leaf_at(unit >> leaf_order);
  const unsigned at = unit % leaf_units;
  return order < leaf_order ? l.begins(buddy_masks_of[order].run << at, uint32_t{1} << at)
                            : l.is_big_of(order);
}

status buddy_core::diagnose(uintptr_t p) const noexcept {
  const size_t offset = p - origin_;
  if ((offset & ((size_t{1} << unit_shift_) - 1)) != 0) {
    return status::misaligned_pointer;
  }
  const size_t unit = offset >> unit_shift_;
  size_t node = unit >> leaf_order;
  const leaf& l = leaf_at(node);
  const uint32_t bit = uint32_t{1} << (unit % leaf_units);
  if ((l.start & bit) != 0) {
    return status::wrong_size;
  }
  if (!l.is_big() && (l.free & bit) == 0) {
    return status::interior_pointer;
  }
  // Inside a live block of several leaves? Its first leaf is at an aligned node at or below ours.
  for (unsigned order = leaf_order; order <= leaf_order + height_; ++order) {
    node &= ~((size_t{1} << (order - leaf_order)) - 1);
    if (leaf_at(node).is_big() && leaf_at(node).free >= leaf::big_mark(order)) {
      return status::interior_pointer;
    }
  }
  return status::double_free;
}

/// The leaves that the live block of a leaf or more has that begins with this one; 0 if what it says
/// can't be.
size_t buddy_core::leaves_of_block(size_t leaf_index) const noexcept {
  const uint32_t mark = leaf_at(first_leaf() + leaf_index).free;
  const unsigned order = mark / 2;
  if (order < leaf_order || order > leaf_order + height_ || mark != leaf::big_mark(order)) {
    return 0;
  }
  const size_t count = size_t{1} << (order - leaf_order);
  return (leaf_index & (count - 1)) == 0 && leaf_index + count <= leaf_count_ ? count : 0;
}

/// Adds what begins in the leaf; returns how many leaves that were, 0 for a block that can't be.
size_t buddy_core::add_usage(acre::usage& sum, size_t leaf_index) const noexcept {
  const leaf& l = leaf_at(first_leaf() + leaf_index);
  if (l.is_big()) {
    const size_t count = leaves_of_block(leaf_index);
    sum.bytes_in_use += count << (leaf_order + unit_shift_);
    sum.blocks_in_use += count != 0 ? 1 : 0;
    return count;
  }
  const uint32_t usable = inside(leaf_index);
  for (uint32_t left = usable; left != 0; left &= left - 1) {
    const bool is_free = (l.free >> detail::trailing_zeros(left) & 1U) != 0;
    (is_free ? sum.bytes_free : sum.bytes_in_use) += size_t{1} << unit_shift_;
  }
  for (uint32_t start = l.start & usable; start != 0; start &= start - 1) {
    ++sum.blocks_in_use;
  }
  return 1;
}

acre::usage buddy_core::usage() const noexcept {
  acre::usage sum;
  for (size_t i = 0; i < leaf_count_;) {
    i += detail::max_of(add_usage(sum, i), size_t{1});
  }
  sum.bytes_overhead = metadata_in_use();
  return sum;
}

status buddy_core::usage_step(buddy_cursor& cursor, size_t steps, acre::usage& sum) const noexcept {
  if (tree_ == nullptr) {
    return status::not_initialised;
  }
  for (; steps != 0 && !cursor.over; --steps) {
    if (cursor.leaf < leaf_count_) {
      const size_t done = add_usage(sum, cursor.leaf);
      if (done == 0) {
        return status::corrupted;
      }
      cursor.leaf += done;
    } else {
      sum.bytes_overhead += metadata_in_use();
      cursor.over = true;
    }
  }
  return status::ok;
}

/// I1, I3, and I2 for the leaf's own node. Returns the leaves that this was, 0 if anything is wrong.
size_t buddy_core::intact_leaves_at(size_t i) const noexcept {
  const leaf& l = leaf_at(first_leaf() + i);
  if (l.is_big()) {
    const size_t count = leaves_of_block(i);
    if (count == 0) {
      return 0;
    }
    // The block's node, log2(count) above the leaf's, says that nothing is free.
    return tree_[(first_leaf() + i) >> detail::trailing_zeros_word(count)] == 0 ? count : 0;
  }
  const uint32_t usable = inside(i);
  if ((~usable & l.free) != 0 || (~usable & ~l.start) != 0 || (l.free & l.start) != 0 ||  // I1, I3
      tree_[first_leaf() + i] != largest_in_leaf(l.free)) {                               // I2
    return 0;
  }
  for (unsigned at = 0; at < leaf_units; ++at) {  // I3: each block is a power of two, and aligned
    if ((usable & l.start) >> at & 1U) {
      unsigned size = 1;
      while (at + size < leaf_units && ((l.free | l.start) >> (at + size) & 1U) == 0) {
        ++size;
      }
      if (!detail::is_power_of_two(size) || at % size != 0) {
        return 0;
      }
    } else if ((usable & ~l.free) >> at & 1U) {
      const uint32_t below = l.free | l.start;
      if (at == 0 || (below & ((uint32_t{1} << at) - 1)) == 0) {
        return 0;  // allocated, and no block begins before it
      }
      // A free unit, or one that is not the region's, directly before one that starts nothing.
      if (((l.free | ~usable) >> (at - 1) & 1U) != 0) {
        return 0;
      }
    }
  }
  return 1;
}

/// I2 for a node above the leaves. A live block of this very node has made it 0, and left what is below
/// as it was: free as a whole.
bool buddy_core::is_intact_node(size_t node) const noexcept {
  const unsigned order = leaf_order + height_ - 1 - detail::floor_log2(node);  // of its children
  const bool has_leaves = 2 * node + 1 < tree_words(leaf_count_);
  const uint32_t left = has_leaves ? tree_[2 * node] : 0;
  const uint32_t right = has_leaves ? tree_[2 * node + 1] : 0;
  const uint32_t expected = (left | right) + (left & right & (uint32_t{1} << order));
  const size_t first = (node << (order + 1 - leaf_order)) - first_leaf();
  const bool is_block = first < leaf_count_ && leaf_at(first_leaf() + first).is_big() &&
                        leaf_at(first_leaf() + first).free == leaf::big_mark(order + 1);
  return tree_[node] == (is_block ? 0 : expected);
}

status buddy_core::validate() const noexcept {
  buddy_cursor cursor;
  return validate_step(cursor, SIZE_MAX);
}

/// Each step looks at words that say the same thing twice, so it sees all that there is to see. If a
/// block has grown over the cursor, the leaves behind it are as they were when they were free.
status buddy_core::validate_step(buddy_cursor& cursor, size_t steps) const noexcept {
  if (tree_ == nullptr) {
    return status::not_initialised;
  }
  for (; steps != 0 && !cursor.over; --steps) {
    if (cursor.leaf < leaf_count_) {
      const size_t done = intact_leaves_at(cursor.leaf);
      if (done == 0) {
        return status::corrupted;
      }
      cursor.leaf += done;
    } else if (cursor.node < first_leaf()) {
      if (!is_intact_node(cursor.node)) {
        return status::corrupted;
      }
      ++cursor.node;
    } else {
      cursor.over = true;
    }
  }
  return status::ok;
}

}  // namespace acre::engine
