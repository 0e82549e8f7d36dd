// SPDX-License-Identifier: MIT
#include <acre/detail/hot.hpp>
#include <acre/detail/poison.hpp>
#include <acre/engine/buddy.hpp>
#include <acre/fault.hpp>

namespace acre::engine {

namespace {

constexpr uint32_t all_free = ~uint32_t{0};
constexpr unsigned leaf_order = buddy_core::leaf_order;

// What an order below leaf_order is in a leaf: the units of a block at unit 0, and where one may begin.
struct order_masks {
  uint32_t run;
  uint32_t aligned;
};
constexpr order_masks masks_of[leaf_order] = {{0x0000'0001, 0xFFFF'FFFF},
                                              {0x0000'0003, 0x5555'5555},
                                              {0x0000'000F, 0x1111'1111},
                                              {0x0000'00FF, 0x0101'0101},
                                              {0x0000'FFFF, 0x0001'0001}};

// The last unit of the lowest aligned block that is free; there is one. Each block is incremented: the
// lowest that is free as a whole becomes 0, and none below it carries into the next one.
constexpr unsigned last_of_lowest(uint32_t free, uint32_t aligned) noexcept {
  const uint32_t last_units = detail::rotate_right(aligned, 1);
  return detail::trailing_zeros(free & ~(free + aligned) & last_units);
}
static_assert(last_of_lowest(0x0FF0'F0EE, 0x1111'1111) == 15 &&
              last_of_lowest(0xFFFF'7FFF, 0x0001'0001) == 31 &&
              last_of_lowest(0x90, all_free) == 4);

// The bit of the largest order that is free and aligned in a leaf that is not free as a whole; 0 if none
// is. Looks in the middle first.
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
constexpr uint32_t largest_in(uint32_t free) noexcept {
  return free == all_free ? uint32_t{1} << leaf_order : largest_below_leaf(free);
}
static_assert(largest_in(all_free) == 0x20 && largest_in(0xFFFF'FF00) == 0x10 &&
              largest_in(0xF0FF'0000) == 8 && largest_in(0x0000'00F0) == 4 &&
              largest_in(0x0000'003E) == 2 && largest_in(0x6) == 1 && largest_in(0) == 0);

constexpr uint32_t big_mark(unsigned order) noexcept {
  return 2 * order + 1;
}

constexpr bool is_big(const buddy_core::leaf& l) noexcept {
  return l.start == 1 && (l.free & 1U) != 0;
}

// Does a live block begin at unit `lowest`, a bit, of a leaf of small blocks? `mask` is its units.
// It begins here, no other begins in it, and none of it is free; and it does not go on: what follows
// is another leaf, a free unit or another block's start.
constexpr bool begins(const buddy_core::leaf& l, uint32_t mask, uint32_t lowest) noexcept {
  const uint32_t behind = mask + lowest;  // the bit behind the block; 0 at the leaf's end
  return ((((l.start ^ lowest) | l.free) & mask) | (behind & ~(l.free | l.start))) == 0;
}

// Both are in registers here, so that what loads or stores them is one access of two words: gcc 12 by
// itself puts other instructions between the two.
[[gnu::always_inline]] inline void together(uint32_t& a, uint32_t& b) noexcept {
  __asm__ volatile("" : "+r"(a), "+r"(b));
}

// Does `step` that often; up to 8 times, which do for 8192 units, without counting.
template <class Step>
[[gnu::always_inline]] inline void repeat(unsigned times, Step step) noexcept {
  if constexpr (ACRE_FOR_SIZE) {
    for (; times != 0; --times) {
      step();
    }
  } else {
    switch (times) {
      default:
        for (; times > 8; --times) {
          step();
        }
        [[fallthrough]];
      case 8:
        step();
        [[fallthrough]];
      case 7:
        step();
        [[fallthrough]];
      case 6:
        step();
        [[fallthrough]];
      case 5:
        step();
        [[fallthrough]];
      case 4:
        step();
        [[fallthrough]];
      case 3:
        step();
        [[fallthrough]];
      case 2:
        step();
        [[fallthrough]];
      case 1:
        step();
        [[fallthrough]];
      case 0:
        break;
    }
  }
}

// From a node to its left child, or to the right one if the left one's word is not above `limit`.
[[gnu::always_inline]] inline void go_down(const uint32_t* tree, size_t& node,
                                           uint32_t limit) noexcept {
#if defined(__thumb2__)
  // The comparison leaves the answer in the carry, which ADC adds: gcc 12 takes five instructions.
  uint32_t left = 0;
  __asm__ volatile("ldr %0, [%2, %1, lsl #3]\n\tcmp %3, %0\n\tadc %1, %1, %1"
                   : "=&r"(left), "+r"(node)
                   : "r"(tree), "r"(limit)
                   : "cc", "memory");
#else
  node *= 2;
  if (tree[node] <= limit) {
    ++node;
  }
#endif
}

// Keeps the words from `node` up true, where no two neighbours are free as a whole: each is the OR of
// its children's.
[[gnu::always_inline]] inline void raise(uint32_t* tree, size_t node, unsigned depth,
                                         uint32_t orders) noexcept {
  tree[node] = orders;
  repeat(depth, [&] {
    orders |= tree[node ^ 1];
    node /= 2;
    tree[node] = orders;
  });
}

}  // namespace

[[gnu::cold]] status buddy_core::init(region memory, unsigned unit_shift,
                                      check_level level) noexcept {
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
  if ((span >> max_order) != 0 || lead + memory.size > SIZE_MAX / 2 ||
      lead + memory.size < memory.size) {
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
  begin_ = begin;
  end_ = end;
  leaf_count_ = leaves;
  unit_mask_ = unit - 1;
  unit_shift_ = static_cast<uint8_t>(unit_shift);
  order_bits_ = static_cast<uint8_t>(detail::size_bits - unit_shift);
  height_ = static_cast<uint8_t>(detail::ceil_log2(leaves));
  tree_ = reinterpret_cast<uint32_t*>(table);
  leaves_origin_ = table + tree_words(leaves) * sizeof(uint32_t) - first_leaf() * sizeof(leaf);
  origin_ = base - (first_leaf() << (leaf_order + unit_shift));

  for (size_t i = 0; i < tree_words(leaves); ++i) {
    tree_[i] = 0;
  }
  for (size_t i = 0; i < leaves; ++i) {
    const uint32_t usable = inside(i);
    leaf_at(first_leaf() + i) = {usable, ~usable};
    tree_[first_leaf() + i] = largest_in(usable);
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
  const size_t first = (begin_ - origin_) >> unit_shift_;
  const size_t last = (end_ - origin_) >> unit_shift_;
  const size_t unit = (first_leaf() + leaf_index) << leaf_order;
  const size_t from = detail::min_of(first > unit ? first - unit : 0, leaf_units);
  const size_t to = detail::min_of(last > unit ? last - unit : 0, leaf_units);
  if (from >= to) {
    return 0;
  }
  return (all_free << from) & (all_free >> (leaf_units - to));
}

void* buddy_core::allocate(size_t size, size_t align) noexcept {
  uint32_t* const tree = tree_;
  if (order_bits_ == 0 || !detail::is_power_of_two(align)) {
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
  // No word of a node without such a block is larger; also the block's units but one.
  uint32_t below = need - 1;
  detail::forget_origin(below);
  size_t node = 1;
  detail::forget_origin(node);
  unsigned depth = height_;
  size_t unit = 0;
  uint32_t orders = 0;
  if (order < leaf_order) [[likely]] {
    repeat(depth, [&] { go_down(tree, node, below); });
    // Else gcc 12 also keeps 8 * node, for the leaf, and shifts at each level.
    detail::forget_origin(node);
    leaf* const l = pair_at(node);
    leaf before = *l;
    together(before.free, before.start);
    const order_masks* masks_at = &masks_of[order];
    detail::forget_origin(masks_at);
    order_masks masks = *masks_at;
    together(masks.run, masks.aligned);
    const unsigned at = last_of_lowest(before.free, masks.aligned) - below;
    uint32_t rest = before.free & ~(masks.run << at);
    uint32_t start = before.start | uint32_t{1} << at;
    together(rest, start);
    *l = {rest, start};
    orders = largest_below_leaf(rest);
    unit = (node << leaf_order) + at;
  } else {
    depth -= order - leaf_order;
    for (unsigned steps = depth; steps != 0; --steps) {
      go_down(tree, node, below);
    }
    unit = node << order;
    leaf_at(unit >> leaf_order) = {big_mark(order), 1};
  }
  raise(tree, node, depth, orders);
  return reinterpret_cast<void*>(origin_ + (unit << unit_shift_));
}

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
  return order < leaf_order ? begins(l, masks_of[order].run << at, uint32_t{1} << at)
                            : l.start == 1 && l.free == big_mark(order);
}

template <bool Checked>
[[gnu::always_inline]] inline bool buddy_core::give(uintptr_t p, unsigned order) noexcept {
  const size_t offset = p - origin_;
  if constexpr (Checked) {
    if (order >= max_order || (offset & (bytes_of(order) - 1)) != 0) [[unlikely]] {
      return false;
    }
  }
  const size_t unit = offset >> unit_shift_;
  uint32_t* const tree = tree_;
  size_t node = unit >> leaf_order;
  leaf& l = *pair_at(node);
  leaf before = l;
  together(before.free, before.start);
  uint32_t orders = 0;
  if (order < leaf_order) {
    const unsigned at = unit % leaf_units;
    const uint32_t mask = masks_of[order].run << at;
    if (Checked && !begins(before, mask, uint32_t{1} << at)) [[unlikely]] {
      return false;
    }
    const uint32_t free = before.free | mask;
    l = {free, before.start & ~mask};
    orders = largest_in(free);
  } else {
    if (Checked && (before.start != 1 || before.free != big_mark(order))) [[unlikely]] {
      return false;
    }
    l = {all_free, 0};
    node >>= order - leaf_order;
    orders = uint32_t{1} << order;
  }
  if (orders >= uint32_t{1} << leaf_order) {
    // Free as a whole, and so that bit alone. If its neighbour is the same, their parent has the next bit
    // alone. The root has none: tree[0] is 0.
    while (tree[node ^ 1] == orders) {
      tree[node] = orders;
      node /= 2;
      orders *= 2;
    }
  }
  raise(tree, node, detail::floor_log2(node), orders);
  return true;
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
  if (!is_big(l) && (l.free & bit) == 0) {
    return status::interior_pointer;
  }
  // Inside a live block of several leaves? Its first leaf is at an aligned node at or below ours.
  for (unsigned order = leaf_order; order <= leaf_order + height_; ++order) {
    node &= ~((size_t{1} << (order - leaf_order)) - 1);
    if (is_big(leaf_at(node)) && leaf_at(node).free >= big_mark(order)) {
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
  if (order < leaf_order || order > leaf_order + height_ || mark != big_mark(order)) {
    return 0;
  }
  const size_t count = size_t{1} << (order - leaf_order);
  return (leaf_index & (count - 1)) == 0 && leaf_index + count <= leaf_count_ ? count : 0;
}

/// Adds what begins in the leaf; returns how many leaves that were, 0 for a block that can't be.
size_t buddy_core::add_usage(acre::usage& sum, size_t leaf_index) const noexcept {
  const leaf& l = leaf_at(first_leaf() + leaf_index);
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
  const leaf& l = leaf_at(first_leaf() + i);
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
      tree_[first_leaf() + i] != largest_in(l.free)) {                                    // I2
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
  const bool is_block = first < leaf_count_ && is_big(leaf_at(first_leaf() + first)) &&
                        leaf_at(first_leaf() + first).free == big_mark(order + 1);
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
status buddy<Level>::take_back(void* block, size_t size, size_t align) noexcept {
  if (block == nullptr) {
    return status::ok;
  }
  const auto p = reinterpret_cast<uintptr_t>(block);
  // First, since it also refuses everything before init(), when there are no orders yet.
  if (Level != check_level::none && !owns(block)) [[unlikely]] {
    return detail::raise_misuse(status::foreign_pointer, block, this, __builtin_return_address(0));
  }
  const unsigned order = order_of(size, align);
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
