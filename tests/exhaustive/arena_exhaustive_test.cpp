// SPDX-License-Identifier: MIT
// Every sequence of allocate, release_to and reset on a tiny arena.
#include <gtest/gtest.h>

#include "conformance/arena_cases.hpp"
#include "exhaustive/exploration_test.hpp"

namespace acre::test::exhaustive {
namespace {

template <check_level Level>
struct tiny_arena : arena_case<Level> {
  using base = arena_case<Level>;
  using allocator = typename base::allocator;

  // Behind the newest block, or behind the header.
  static uintptr_t top(const situation& now) {
    return now.count == 0
               ? detail::round_up(now.memory.address(), alignof(engine::arena_core::chunk_header)) +
                     engine::arena_core::header_bytes
               : reinterpret_cast<uintptr_t>(now.live[now.count - 1].begin) +
                     at_least_one(now.live[now.count - 1].size);
  }
  static region unread(const situation& now) {
    return {reinterpret_cast<void*>(top(now)), now.memory.address() + now.memory.size - top(now)};
  }
  static prediction predict(const situation& now, layout wanted) {
    const uintptr_t end = now.memory.address() + now.memory.size;
    const uintptr_t at = detail::round_up(top(now), wanted.align);
    if (at + at_least_one(wanted.size) > end) {
      return {false, nullptr};
    }
    return {true, reinterpret_cast<void*>(at)};
  }
  static void mark(const void* object, layout, void* to) {
    new (detail::placement{to}) arena_mark(static_cast<const allocator*>(object)->mark());
  }
  static status release_to(void* object, const void* mark) {
    return static_cast<allocator*>(object)->release_to(*static_cast<const arena_mark*>(mark));
  }
  static bool above(const block& one, const block& first) {
    return one.begin >= first.begin;
  }
};
static_assert(sizeof(arena_mark) <= mark_bytes);

constexpr layout requests[] = {{0, 8}, {7, 4}, {16, 16}, {24, 8}, {5, 64}};

template <check_level Level>
void explore_arena() {
  expect_lawful(task_of<tiny_arena<Level>>(requests, 5, (extent(104, 68, 42)) + 6 * sizeof(void*),
                                           until_closed));
}

TEST(arena_exhaustive, every_sequence_is_lawful_at_level_none) {
  explore_arena<check_level::none>();
}
TEST(arena_exhaustive, every_sequence_is_lawful_at_level_basic) {
  explore_arena<check_level::basic>();
}
TEST(arena_exhaustive, every_sequence_is_lawful_at_level_full) {
  explore_arena<check_level::full>();
}

}  // namespace
}  // namespace acre::test::exhaustive
