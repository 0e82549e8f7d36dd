// SPDX-License-Identifier: MIT
// Every sequence of calls on a pool of a few blocks, at each level and with both live maps.
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"
#include "exhaustive/exploration_test.hpp"

namespace acre::test::exhaustive {
namespace {

constexpr size_t stride = 3 * sizeof(void*);

template <check_level Level, class Map>
struct tiny_pool : pool_case<stride, sizeof(void*), Level, Map> {
  // Null iff all blocks are live.
  static prediction predict(const situation& now, layout) {
    return {now.count < now.fresh_bytes_free / stride, nullptr};
  }
};

constexpr layout requests[] = {{stride, sizeof(void*)}, {1, 1}};

template <check_level Level, class Map>
void explore_pool() {
  using pool = tiny_pool<Level, Map>;
  const size_t blocks = extent(7, 6, 3);
  task t = task_of<pool>(requests, 4, pool::required(blocks, 4), until_closed);
  t.granule = 4;
  expect_lawful(t, 50);
}

TEST(pool_exhaustive, every_sequence_is_lawful_at_level_none) {
  explore_pool<check_level::none, no_map>();
}
TEST(pool_exhaustive, every_sequence_is_lawful_at_level_basic_with_bits) {
  explore_pool<check_level::basic, detail::bit_live_map>();
}
TEST(pool_exhaustive, every_sequence_is_lawful_at_level_basic_with_bytes) {
  explore_pool<check_level::basic, detail::byte_live_map>();
}
TEST(pool_exhaustive, every_sequence_is_lawful_at_level_full_with_bits) {
  explore_pool<check_level::full, detail::bit_live_map>();
}
TEST(pool_exhaustive, every_sequence_is_lawful_at_level_full_with_bytes) {
  explore_pool<check_level::full, detail::byte_live_map>();
}

// A map of bits has a word for 32 blocks: here the last few of the first word and the first few of the
// second come and go, and the others stay.
TEST(pool_exhaustive, every_sequence_around_the_end_of_a_word_of_the_map_is_lawful) {
  using pool = tiny_pool<check_level::basic, detail::bit_live_map>;
  struct pinned_pool : pool {
    static prediction predict(const situation& now, layout) {
      return {now.count + now.pinned_count < now.fresh_bytes_free / stride, nullptr};
    }
  };
  static constexpr layout filling{stride, sizeof(void*)};
  task t = task_of<pinned_pool>(requests, 4, pool::required(34, 4), until_closed);
  t.pinned = &filling;
  t.keep = [](size_t i) { return i < 29 || i > 32; };  // block i + 1 in the map
  expect_lawful(t, 50);
}

}  // namespace
}  // namespace acre::test::exhaustive
