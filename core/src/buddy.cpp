// SPDX-License-Identifier: MIT
// engine::buddy: init, allocate and deallocate.
#include <acre/detail/hot.hpp>
#include <acre/detail/poison.hpp>
#include <acre/engine/buddy.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::engine {

namespace {

// Does `step` that often, and `last` instead of the last time; up to 8 times, which do for 8192 units,
// without counting.
template <class Step, class Last>
[[gnu::always_inline]] inline void repeat(unsigned times, Step step, Last last) noexcept {
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
        last();
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
  __asm__("ldr %0, [%2, %1, lsl #3]\n\tcmp %3, %0\n\tadc %1, %1, %1"
          : "=&r"(left), "+r"(node)
          : "r"(tree), "r"(limit)
          : "cc", "memory");
#else
  node = 2 * node + (tree[2 * node] <= limit ? 1U : 0U);
#endif
}

// Keeps the words from `node`, which is `depth` below the root, up true, where no two neighbours are free
// as a whole: each is the OR of its children's.
[[gnu::always_inline]] inline void raise(uint32_t* tree, size_t node, unsigned depth,
                                         uint32_t orders) noexcept {
  detail::forget_origin(node);  // else gcc 12 also keeps 4 * node
  tree[node] = orders;
  repeat(
      depth,
      [&] {
        orders |= tree[node ^ 1];
        node /= 2;
        tree[node] = orders;
      },
      [&] { tree[1] = orders | tree[node ^ 1]; });
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
  // An offset from origin_ is up to twice the span, and at most the largest number.
  if ((span >> max_order) != 0 || memory.size > SIZE_MAX / 2 || lead + memory.size > SIZE_MAX / 2) {
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
  small_orders_ = leaf_order;
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
    tree_[first_leaf() + i] = largest_in_leaf(usable);
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
  return (leaf::all_free << from) & (leaf::all_free >> (leaf_units - to));
}

void* buddy_core::allocate(size_t size, size_t align) noexcept {
  uint32_t* const tree = tree_;
  if (!detail::is_power_of_two(align)) {
    return nullptr;
  }
  const unsigned order = order_of(size, align);
  unsigned depth = height_;
  size_t node = 1;
  size_t unit = 0;
  uint32_t orders = 0;
  if (order < small_orders_) [[likely]] {
    // No word of a node without such a block is larger; also the block's units but one.
    uint32_t below = (uint32_t{1} << order) - 1;
    detail::forget_origin(below);
    if (tree[1] <= below) {
      return nullptr;
    }
    detail::forget_origin(node);
    const auto step = [&] { go_down(tree, node, below); };
    repeat(depth, step, step);
    leaf* const l = pair_at(node);
    leaf before = *l;
    detail::gather(before.free, before.start);
    const buddy_order_masks* masks_at = &buddy_masks_of[order];
    detail::forget_origin(masks_at);
    buddy_order_masks masks = *masks_at;
    detail::gather(masks.run, masks.aligned);
    const unsigned at = last_of_lowest(before.free, masks.aligned) - below;
    uint32_t rest = before.free & ~(masks.run << at);
    uint32_t start = before.start | uint32_t{1} << at;
    detail::gather(rest, start);
    *l = {rest, start};
    orders = largest_below_leaf(rest);
    unit = (node << leaf_order) + at;
  } else {
    // Before init() no order is small. Where size_t is wider than a word of orders, a request can be of an
    // order that has no bit.
    if (tree == nullptr || order > max_order) {
      return nullptr;
    }
    const uint32_t below = (uint32_t{1} << order) - 1;
    if (tree[1] <= below) {
      return nullptr;
    }
    depth -= order - leaf_order;
    for (unsigned steps = depth; steps != 0; --steps) {
      go_down(tree, node, below);
    }
    unit = node << order;
    leaf_at(unit >> leaf_order) = {leaf::big_mark(order), 1};
  }
  raise(tree, node, depth, orders);
  return reinterpret_cast<void*>(origin_ + (unit << unit_shift_));
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
  detail::gather(before.free, before.start);
  uint32_t orders = 0;
  if (order < leaf_order) {
    const unsigned at = unit % leaf_units;
    const uint32_t mask = buddy_masks_of[order].run << at;
    if (Checked && !before.begins(mask, uint32_t{1} << at)) [[unlikely]] {
      return false;
    }
    const uint32_t free = before.free | mask;
    l = {free, before.start & ~mask};
    orders = largest_in_leaf(free);
  } else {
    if (Checked && !before.is_big_of(order)) [[unlikely]] {
      return false;
    }
    l = {leaf::all_free, 0};
    node >>= order - leaf_order;
    orders = uint32_t{1} << order;
  }
  if (orders >= leaf::whole) {
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

}  // namespace acre::inline ACRE_ABI::engine
