// SPDX-License-Identifier: MIT
#include <acre/detail/poison.hpp>
#include <acre/engine/buddy.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::engine {

namespace {

constexpr uint32_t all_free = ~uint32_t{0};
constexpr unsigned leaf_order = buddy_core::leaf_order;

// Units of an order-k block as a mask at unit 0; k < leaf_order.
constexpr uint32_t run(unsigned order) noexcept {
  return (uint32_t{1} << (uint32_t{1} << order)) - 1U;
}

// Where a free, aligned run of 2^order units begins: one bit a position.
constexpr uint32_t positions(uint32_t free, unsigned order) noexcept {
  if (order > 0) {
    free &= (free >> 1) & 0x5555'5555U;
  }
  if (order > 1) {
    free &= (free >> 2) & 0x1111'1111U;
  }
  if (order > 2) {
    free &= (free >> 4) & 0x0101'0101U;
  }
  if (order > 3) {
    free &= (free >> 8) & 0x0001'0001U;
  }
  return free;
}

// Bit j set: a free, aligned run of 2^j units is in the leaf. A leaf that is free as a whole has that
// bit alone, and so has every node above, because equal words add up to one bit.
constexpr uint32_t orders_in(uint32_t free) noexcept {
  if (free == 0) {
    return 0;
  }
  uint32_t orders = 1;
  free &= (free >> 1) & 0x5555'5555U;
  if (free == 0) {
    return orders;
  }
  orders |= 2;
  free &= (free >> 2) & 0x1111'1111U;
  if (free == 0) {
    return orders;
  }
  orders |= 4;
  free &= (free >> 4) & 0x0101'0101U;
  if (free == 0) {
    return orders;
  }
  orders |= 8;
  free &= (free >> 8) & 0x0001'0001U;
  if (free == 0) {
    return orders;
  }
  return (free & (free >> 16)) != 0 ? uint32_t{1} << leaf_order : orders | 16U;
}
static_assert(orders_in(all_free) == 0x20 && orders_in(0xFFFF'FF00) == 0x1F &&
              orders_in(0x0000'00F0) == 7 && orders_in(0x6) == 1);

constexpr uint32_t big_mark(unsigned order) noexcept {
  return 2 * order + 1;
}

constexpr bool is_big(const buddy_core::leaf& l) noexcept {
  return l.start == 1 && (l.free & 1U) != 0;
}

// Does a live block of `order` begin at unit `at` of a leaf of small blocks? `mask` is its units.
// It begins here, no other begins in it, and none of it is free; and it does not go on: what follows
// is another leaf, a free unit or another block's start.
constexpr bool begins(const buddy_core::leaf& l, uint32_t mask) noexcept {
  const uint32_t lowest = mask & (~mask + 1);
  const uint32_t behind = mask + lowest;  // the bit behind the block; 0 at the leaf's end
  return (l.free & mask) == 0 && (l.start & mask) == lowest &&
         (behind == 0 || ((l.free | l.start) & behind) != 0);
}

}  // namespace

status buddy_core::init(region memory, unsigned unit_shift, check_level level) noexcept {
  *this = buddy_core{};
  if (!memory.valid()) {
    return status::invalid_argument;
  }
  const size_t unit = size_t{1} << unit_shift;
  const size_t reach =
      size_t{1} << detail::floor_log2(memory.size);  // alignment that blocks can have
  const uintptr_t base = detail::round_down(memory.address(), detail::max_of(reach, unit));
  const size_t lead = memory.address() - base;
  const size_t span = (lead + memory.size) >> unit_shift;
  if ((span >> max_order) != 0 || lead + memory.size < memory.size) {
    return status::region_too_large;
  }
  // The metadata is sized for the whole span, itself included: at most 1/128 of a region of 16-byte
  // units too much, for a formula that needs no iteration.
  const size_t leaves = detail::round_up((span + leaf_units - 1) >> leaf_order, 2);
  const size_t metadata = metadata_bytes(span);
  const uintptr_t begin = (memory.address() + unit - 1) & ~(unit - 1);
  const uintptr_t limit = memory.address() + memory.size;
  if (metadata > memory.size || begin < memory.address()) {
    return status::region_too_small;
  }
  const uintptr_t table = detail::round_down(limit - metadata, alignof(leaf));
  const uintptr_t end = base + detail::round_down(table - base, unit);
  if (table < memory.address() || end <= begin) {
    return status::region_too_small;
  }
  base_ = base;
  begin_ = begin;
  end_ = end;
  leaf_count_ = leaves;
  unit_mask_ = unit - 1;
  unit_shift_ = static_cast<uint8_t>(unit_shift);
  height_ = static_cast<uint8_t>(detail::ceil_log2(leaves));
  tree_ = reinterpret_cast<uint32_t*>(table);
  leaves_ = reinterpret_cast<leaf*>(tree_ + tree_words(leaves));

  for (size_t i = 0; i < tree_words(leaves); ++i) {
    tree_[i] = 0;
  }
  for (size_t i = 0; i < leaves; ++i) {
    const uint32_t usable = inside(i);
    leaves_[i] = {usable, ~usable};
    tree_[first_leaf() + i] = orders_in(usable);
  }
  unsigned order = leaf_order;
  for (size_t level_begin = first_leaf() / 2; level_begin != 0; level_begin /= 2, ++order) {
    for (size_t n = level_begin; n < 2 * level_begin; ++n) {
      const uint32_t both = 2 * n + 1 < tree_words(leaves) ? tree_[2 * n] & tree_[2 * n + 1] : 0;
      const uint32_t any = 2 * n + 1 < tree_words(leaves) ? tree_[2 * n] | tree_[2 * n + 1] : 0;
      tree_[n] = any + (both & (uint32_t{1} << order));
    }
  }
  if (level == check_level::full) {
    detail::poison(reinterpret_cast<void*>(begin_), 0, end_ - begin_);
  }
  return status::ok;
}

/// The units of a leaf that lie in the region, as a mask.
uint32_t buddy_core::inside(size_t leaf_index) const noexcept {
  const size_t first = (begin_ - base_) >> unit_shift_;
  const size_t last = (end_ - base_) >> unit_shift_;
  const size_t unit = leaf_index << leaf_order;
  const size_t from = detail::min_of(first > unit ? first - unit : 0, leaf_units);
  const size_t to = detail::min_of(last > unit ? last - unit : 0, leaf_units);
  if (from >= to) {
    return 0;
  }
  return (all_free << from) & (all_free >> (leaf_units - to));
}

void* buddy_core::allocate(size_t size, size_t align) noexcept {
  uint32_t* const tree = tree_;
  if (tree == nullptr || !detail::is_power_of_two(align)) {
    return nullptr;
  }
  const unsigned order = order_of(size, align);
  // Where size_t is wider than a word of orders, a request can be of an order that has no bit.
  const uint32_t need = sizeof(size_t) > sizeof(uint32_t) && order > max_order
                            ? uint32_t{1} << max_order
                            : uint32_t{1} << order;
  if (tree[1] < need) {
    return nullptr;
  }
  size_t node = 1;
  for (unsigned steps = height_ + leaf_order - detail::max_of(order, leaf_order); steps != 0;
       --steps) {
    node *= 2;
    if (tree[node] < need) {
      ++node;
    }
  }
  size_t unit = 0;
  uint32_t orders = 0;
  if (order < leaf_order) {
    const size_t index = node - first_leaf();
    leaf& l = leaves_[index];
    const uint32_t free = l.free;
    const unsigned at = detail::trailing_zeros(positions(free, order));
    const uint32_t rest = free & ~(run(order) << at);
    l.free = rest;
    l.start |= uint32_t{1} << at;
    orders = orders_in(rest);
    unit = (index << leaf_order) + at;
  } else {
    const size_t index = (node << (order - leaf_order)) - first_leaf();
    leaves_[index] = {big_mark(order), 1};
    unit = index << leaf_order;
  }
  tree[node] = orders;
  // No ancestor is free as a whole now, so no carry: the OR is all.
  while (node > 1) {
    orders |= tree[node ^ 1];
    node /= 2;
    tree[node] = orders;
  }
  return reinterpret_cast<void*>(base_ + (unit << unit_shift_));
}

void buddy_core::verify_poison(const void* block, size_t bytes) const noexcept {
  if (!detail::is_poisoned(block, 0, bytes)) {
    detail::raise_corruption(block, this);
  }
}

bool buddy_core::is_live(uintptr_t p, unsigned order) const noexcept {
  const size_t offset = p - base_;
  if (order >= max_order || (offset & (bytes_of(order) - 1)) != 0) {
    return false;
  }
  const size_t unit = offset >> unit_shift_;
  const leaf& l = leaves_[unit >> leaf_order];
  return order < leaf_order ? begins(l, run(order) << (unit % leaf_units))
                            : l.start == 1 && l.free == big_mark(order);
}

template <bool Checked>
bool buddy_core::give(uintptr_t p, unsigned order) noexcept {
  const size_t offset = p - base_;
  if constexpr (Checked) {
    if (order >= max_order || (offset & (bytes_of(order) - 1)) != 0) [[unlikely]] {
      return false;
    }
  }
  const size_t unit = offset >> unit_shift_;
  uint32_t* const tree = tree_;
  const size_t index = unit >> leaf_order;
  leaf& l = leaves_[index];
  size_t node = first_leaf() + index;
  uint32_t whole = uint32_t{1} << leaf_order;  // the bit of a node that is free as a whole
  uint32_t orders = whole;
  if (order < leaf_order) {
    const uint32_t mask = run(order) << (unit % leaf_units);
    if (Checked && !begins(l, mask)) [[unlikely]] {
      return false;
    }
    const uint32_t free = l.free | mask;
    l.free = free;
    l.start &= ~mask;
    orders = orders_in(free);
  } else {
    if (Checked && (l.start != 1 || l.free != big_mark(order))) [[unlikely]] {
      return false;
    }
    l = {all_free, 0};
    node >>= order - leaf_order;
    whole <<= order - leaf_order;
    orders = whole;
  }
  tree[node] = orders;
  while (node > 1) {
    // [left free][right free] -> [both free]: the two equal bits add up to the parent's.
    const uint32_t sibling = tree[node ^ 1];
    node /= 2;
    orders = (orders | sibling) + (orders & sibling & whole);
    whole *= 2;
    tree[node] = orders;
  }
  return true;
}

status buddy_core::diagnose(uintptr_t p) const noexcept {
  const size_t offset = p - base_;
  if ((offset & ((size_t{1} << unit_shift_) - 1)) != 0) {
    return status::misaligned_pointer;
  }
  const size_t unit = offset >> unit_shift_;
  size_t index = unit >> leaf_order;
  const leaf& l = leaves_[index];
  const uint32_t bit = uint32_t{1} << (unit % leaf_units);
  if ((l.start & bit) != 0) {
    return status::wrong_size;
  }
  if (!is_big(l) && (l.free & bit) == 0) {
    return status::interior_pointer;
  }
  // Inside a live block of several leaves? Its first leaf is at an aligned index at or below ours.
  for (unsigned order = leaf_order; order <= leaf_order + height_; ++order) {
    index &= ~((size_t{1} << (order - leaf_order)) - 1);
    if (is_big(leaves_[index]) && leaves_[index].free >= big_mark(order)) {
      return status::interior_pointer;
    }
  }
  return status::double_free;
}

/// The leaves that the live block of a leaf or more has that begins with this one; 0 if what it says
/// can't be.
size_t buddy_core::leaves_of_block(size_t leaf_index) const noexcept {
  const uint32_t mark = leaves_[leaf_index].free;
  const unsigned order = mark / 2;
  if (order < leaf_order || order > leaf_order + height_ || mark != big_mark(order)) {
    return 0;
  }
  const size_t count = size_t{1} << (order - leaf_order);
  return (leaf_index & (count - 1)) == 0 && leaf_index + count <= leaf_count_ ? count : 0;
}

/// Adds what begins in the leaf; returns how many leaves that were, 0 for a block that can't be.
size_t buddy_core::add_usage(acre::usage& sum, size_t leaf_index) const noexcept {
  const leaf& l = leaves_[leaf_index];
  if (is_big(l)) {
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
  const leaf& l = leaves_[i];
  if (is_big(l)) {
    const size_t count = leaves_of_block(i);
    if (count == 0) {
      return 0;
    }
    // The block's node, log2(count) above the leaf's, says that nothing is free.
    return tree_[(first_leaf() + i) >> detail::trailing_zeros_word(count)] == 0 ? count : 0;
  }
  const uint32_t usable = inside(i);
  if ((~usable & l.free) != 0 || (~usable & ~l.start) != 0 || (l.free & l.start) != 0 ||  // I1, I3
      tree_[first_leaf() + i] != orders_in(l.free)) {                                     // I2
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
  const bool is_block =
      first < leaf_count_ && is_big(leaves_[first]) && leaves_[first].free == big_mark(order + 1);
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

template <check_level Level>
status buddy<Level>::deallocate(void* block, layout given) noexcept {
  if (block == nullptr) {
    return status::ok;
  }
  const auto p = reinterpret_cast<uintptr_t>(block);
  // First, since it also refuses everything before init(), when there are no orders yet.
  if (Level != check_level::none && !owns(block)) [[unlikely]] {
    return detail::raise_misuse(status::foreign_pointer, block, this, __builtin_return_address(0));
  }
  const unsigned order = order_of(given.size, given.align);
  // Only what is live may be filled, and giving it back must not be seen before it is.
  if constexpr (Level == check_level::full) {
    if (buddy_core::is_live(p, order)) {
      detail::poison(block, 0, bytes_of(order));
    }
  }
  const bool given_back = give<Level != check_level::none>(p, order);
  if constexpr (Level != check_level::none) {
    if (!given_back) [[unlikely]] {
      return detail::raise_misuse(diagnose(p), block, this, __builtin_return_address(0));
    }
  }
  return status::ok;
}

template class buddy<check_level::none>;
template class buddy<check_level::basic>;
template class buddy<check_level::full>;

}  // namespace acre::engine
