// SPDX-License-Identifier: MIT
// Every sequence of calls, from one context, on a lock-free pool of three blocks. Each pop counts in the
// tag, so that no state comes twice, and the depth is what bounds the search.
#include <gtest/gtest.h>

#include "conformance/lockfree_pool_cases.hpp"
#include "exhaustive/exploration_test.hpp"

namespace acre::test::exhaustive {
namespace {

constexpr size_t stride = 3 * sizeof(void*);

template <check_level Level>
struct tiny_pool : lockfree_pool_case<stride, sizeof(void*), Level> {
  // Null iff all blocks are live.
  static prediction predict(const situation& now, layout) {
    return {now.count < now.fresh_bytes_free / stride, nullptr};
  }
};

constexpr layout requests[] = {{stride, sizeof(void*)}, {1, 1}};

template <check_level Level>
void explore_pool() {
  using pool = tiny_pool<Level>;
  task t = task_of<pool>(requests, 4, pool::required(3, 4), extent(11, 9, 9));
  t.granule = 4;
  expect_lawful(t);
}

TEST(lockfree_pool_exhaustive, every_sequence_is_lawful_at_level_none) {
  explore_pool<check_level::none>();
}
TEST(lockfree_pool_exhaustive, every_sequence_is_lawful_at_level_basic) {
  explore_pool<check_level::basic>();
}
TEST(lockfree_pool_exhaustive, every_sequence_is_lawful_at_level_full) {
  explore_pool<check_level::full>();
}

}  // namespace
}  // namespace acre::test::exhaustive
