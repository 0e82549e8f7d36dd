// SPDX-License-Identifier: MIT
// Every sequence of calls on a tiny stack, from both of its ends.
#include <gtest/gtest.h>

#include "conformance/stack_cases.hpp"
#include "exhaustive/exploration_test.hpp"

namespace acre::test::exhaustive {
namespace {

/// Odd sizes come from the high side, even ones from the low side.
template <check_level Level>
struct tiny_stack : stack_case<stack_side::low, Level> {
  using base = stack_case<stack_side::low, Level>;
  using allocator = typename base::allocator;
  using high = stack_case<stack_side::high, Level>;
  static constexpr auto full_name = name_of<Level>("stack_both");
  static constexpr const char* name = full_name.text;
  static constexpr giving order = giving::any_order;  // may_give() says which
  static constexpr size_t unit = default_alignment;

  static bool is_high(size_t size) {
    return size % 2 != 0;
  }
  static void* allocate(allocator& a, layout wanted) {
    return a.allocate(wanted, is_high(wanted.size) ? stack_side::high : stack_side::low);
  }
  static bool accepts(const block& live, layout given) {
    return is_high(live.size) ? high::accepts(live, given) : base::accepts(live, given);
  }
  // In the order of addresses: first the blocks of the low side, oldest first, then those of the
  // high side, newest first.
  static size_t low_count(const block* live, size_t count) {
    size_t low = 0;
    while (low < count && !is_high(live[low].size)) {
      ++low;
    }
    return low;
  }
  static bool may_give(const situation& now, size_t index) {
    const size_t low = low_count(now.live, now.count);
    return index + 1 == low || index == low;
  }
  static size_t bytes_in_use(region memory, const block* live, size_t count) {
    const size_t low = low_count(live, count);
    size_t sum = base::bytes_in_use(memory, live, low);
    if (low < count) {
      sum +=
          high::bytes_in_use(memory, live + low, 1) - (count - low - 1) * allocator::header_bytes;
    }
    return sum;
  }
  // What is free: between the newest blocks of the two sides.
  static region unread(const situation& now) {
    const size_t low = low_count(now.live, now.count);
    const uintptr_t begin =
        low == 0 ? detail::round_up(now.memory.address(), unit)
                 : detail::round_up(reinterpret_cast<uintptr_t>(now.live[low - 1].begin) +
                                        at_least_one(now.live[low - 1].size),
                                    unit) +
                       allocator::header_bytes;
    const uintptr_t end =
        low == now.count
            ? detail::round_down(now.memory.address() + now.memory.size, unit)
            : reinterpret_cast<uintptr_t>(now.live[low].begin) - allocator::header_bytes;
    return {reinterpret_cast<void*>(begin), end - begin};
  }
  // Next to the newest block of its side, and its header on the other side of it.
  static prediction predict(const situation& now, layout wanted) {
    const region room = unread(now);
    const uintptr_t end = room.address() + room.size;
    const size_t bytes = detail::round_up(wanted.size, unit);
    const size_t align = detail::max_of(wanted.align, unit);
    const bool high = is_high(wanted.size);
    const uintptr_t at =
        high ? detail::round_down(end - bytes, align) : detail::round_up(room.address(), align);
    const bool fits = room.size >= bytes + allocator::header_bytes &&
                      (high ? at >= room.address() + allocator::header_bytes
                            : at + bytes + allocator::header_bytes <= end);
    return {fits, fits ? reinterpret_cast<void*>(at) : nullptr};
  }

  static void mark(const void* object, layout wanted, void* to) {
    const stack_mark m = static_cast<const allocator*>(object)->mark(
        is_high(wanted.size) ? stack_side::high : stack_side::low);
    auto* out = new (detail::placement{to}) stack_mark;
    out->edge = m.edge;  // one by one: the padding behind them stays as it is
    out->blocks = m.blocks;
    out->side = m.side;
  }
  static status release_to(void* object, const void* mark) {
    return static_cast<allocator*>(object)->release_to(*static_cast<const stack_mark*>(mark));
  }
  static bool above(const block& one, const block& first) {
    return is_high(one.size) == is_high(first.size) &&
           (is_high(one.size) ? one.begin <= first.begin : one.begin >= first.begin);
  }
};
static_assert(sizeof(stack_mark) <= mark_bytes);

constexpr layout requests[] = {{4, 1}, {24, 4}, {8, 32}, {1, 1}, {25, 16}, {9, 64}};

// Free memory still holds the headers of the blocks that were there.
template <check_level Level>
void every_byte_counts() {
  task t = task_of<tiny_stack<Level>>(requests, 3, 20 * sizeof(void*), extent(9, 8, 5));
  t.can.unread = nullptr;
  t.granule = 4;
  expect_lawful(t);
}

template <check_level Level>
void free_bytes_are_not_read() {
  task t =
      task_of<tiny_stack<Level>>(requests, 3, extent(40, 32, 26) * sizeof(void*), until_closed);
  t.granule = 4;
  expect_lawful(t);
}

TEST(stack_exhaustive, sequences_are_lawful_at_level_none) {
  every_byte_counts<check_level::none>();
}
TEST(stack_exhaustive, sequences_are_lawful_at_level_basic) {
  every_byte_counts<check_level::basic>();
}
TEST(stack_exhaustive, sequences_are_lawful_at_level_full) {
  every_byte_counts<check_level::full>();
}
TEST(stack_exhaustive, every_sequence_is_lawful_at_level_none_if_free_bytes_are_not_read) {
  free_bytes_are_not_read<check_level::none>();
}
TEST(stack_exhaustive, every_sequence_is_lawful_at_level_basic_if_free_bytes_are_not_read) {
  free_bytes_are_not_read<check_level::basic>();
}
TEST(stack_exhaustive, every_sequence_is_lawful_at_level_full_if_free_bytes_are_not_read) {
  free_bytes_are_not_read<check_level::full>();
}

}  // namespace
}  // namespace acre::test::exhaustive
