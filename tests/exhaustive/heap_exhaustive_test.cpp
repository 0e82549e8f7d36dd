// SPDX-License-Identifier: MIT
// Every sequence of allocate, deallocate, try_resize and reallocate on a tiny heap.
#include <gtest/gtest.h>

#include "conformance/heap_cases.hpp"
#include "exhaustive/exploration_test.hpp"

namespace acre::test::exhaustive {
namespace {

constexpr size_t word = default_alignment;
constexpr layout requests[] = {{1, 1}, {word, 8}, {3 * word - 4, 4}, {5 * word, 1}, {1, 4 * word}};

template <size_t MaxBytes, check_level Level>
void explore_heap(size_t words, unsigned depth) {
  using heap = heap_case<MaxBytes, Level>;
  task t = task_of<heap>(requests, 4, words * word, depth);
  t.granule = word / 2;
  expect_lawful(t);
}

TEST(heap_exhaustive, every_sequence_is_lawful_at_level_none) {
  explore_heap<small_heap, check_level::none>(10, 7);
}
TEST(heap_exhaustive, every_sequence_is_lawful_at_level_basic) {
  explore_heap<small_heap, check_level::basic>(10, 7);
}
TEST(heap_exhaustive, every_sequence_is_lawful_at_level_full) {
  explore_heap<small_heap, check_level::full>(10, 7);
}

}  // namespace
}  // namespace acre::test::exhaustive
