// SPDX-License-Identifier: MIT
// Every sequence of calls on a tiny buddy: inside one leaf, and over several, where blocks are as
// large as leaves.
#include <gtest/gtest.h>

#include "conformance/buddy_cases.hpp"
#include "exhaustive/exploration_test.hpp"

namespace acre::test::exhaustive {
namespace {

template <check_level Level>
struct tiny_buddy : buddy_case<8, Level> {
  using base = buddy_case<8, Level>;

  // The lowest address that is aligned and free, and null iff there is none.
  static prediction predict(const situation& now, layout wanted) {
    const size_t size = base::allocator::block_bytes(wanted);
    const uintptr_t begin = detail::round_up(now.memory.address(), 8);
    const uintptr_t end = begin + now.fresh_bytes_free;
    for (uintptr_t at = detail::round_up(begin, size); at + size <= end; at += size) {
      if (is_free(now, at, size,
                  [](const block& b) { return base::allocator::block_bytes(b.request()); })) {
        return {true, reinterpret_cast<void*>(at)};
      }
    }
    return {false, nullptr};
  }
};

// A region of `units`, and what the metadata takes.
constexpr size_t bytes_of(size_t units, size_t spanned) {
  return units * 8 + engine::buddy_core::metadata_bytes(spanned);
}

template <check_level Level>
void one_leaf() {
  static constexpr layout requests[] = {{1, 1}, {16, 1}, {3, 32}, {64, 1}};
  // Begins one unit behind an aligned address.
  expect_lawful(
      task_of<tiny_buddy<Level>>(requests, 8, bytes_of(extent(18, 14, 8), 24), until_closed));
}

template <check_level Level>
void several_leaves() {
  static constexpr layout requests[] = {{64, 1}, {120, 8}, {256, 1}, {512, 8}};
  // Begins a quarter of a leaf behind an aligned address; leaves have 256 bytes.
  task t =
      task_of<tiny_buddy<Level>>(requests, 64, bytes_of(extent(136, 112, 56), 192), until_closed);
  t.granule = 16;
  expect_lawful(t);
}

TEST(buddy_exhaustive, every_sequence_in_one_leaf_is_lawful_at_level_none) {
  one_leaf<check_level::none>();
}
TEST(buddy_exhaustive, every_sequence_in_one_leaf_is_lawful_at_level_basic) {
  one_leaf<check_level::basic>();
}
TEST(buddy_exhaustive, every_sequence_in_one_leaf_is_lawful_at_level_full) {
  one_leaf<check_level::full>();
}
TEST(buddy_exhaustive, every_sequence_over_several_leaves_is_lawful_at_level_none) {
  several_leaves<check_level::none>();
}
TEST(buddy_exhaustive, every_sequence_over_several_leaves_is_lawful_at_level_basic) {
  several_leaves<check_level::basic>();
}
TEST(buddy_exhaustive, every_sequence_over_several_leaves_is_lawful_at_level_full) {
  several_leaves<check_level::full>();
}

}  // namespace
}  // namespace acre::test::exhaustive
