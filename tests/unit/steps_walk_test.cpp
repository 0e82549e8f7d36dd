// SPDX-License-Identifier: MIT
// usage_step and walk_step: what usage() and walk() show while nothing happens; each block that stays is
// shown once, whatever happens between two steps. And growing, whose regions come and go.
#include "steps_suite.hpp"

namespace acre::test::steps {
namespace {

using cases_with_usage =
    ::testing::Types<pool_case<check_level::basic>, pool_case<check_level::full>,
                     slab_case<check_level::none, slab_metadata::in_slab, 256>,
                     slab_case<check_level::basic, slab_metadata::out_of_band, 256>,
                     slab_case<check_level::full, slab_metadata::in_slab, 512>, slab_cache_case,
                     buddy_case<check_level::none>, buddy_case<check_level::basic>,
                     buddy_case<check_level::full>, heap_case<check_level::basic>,
                     heap_case<check_level::full>, heap_slabs_case<check_level::basic>,
                     heap_slabs_case<check_level::full>, certified_case>;

using cases_with_walk =
    ::testing::Types<pool_case<check_level::basic>, pool_case<check_level::full>,
                     heap_case<check_level::basic>, heap_case<check_level::full>,
                     heap_slabs_case<check_level::basic>, heap_slabs_case<check_level::full>>;

template <class Case>
class usage_in_steps : public steps_test<Case> {};
template <class Case>
class walk_in_steps : public steps_test<Case> {};

TYPED_TEST_SUITE(usage_in_steps, cases_with_usage, case_names);
TYPED_TEST_SUITE(walk_in_steps, cases_with_walk, case_names);

TYPED_TEST(usage_in_steps, is_usage) {
  auto& a = TestFixture::subject();
  random stream(7);
  for (int round = 0; round < 10; ++round) {
    const usage whole = a.usage();
    for (size_t steps = 1; steps < 40; steps += steps) {
      typename TypeParam::cursor cursor;
      usage sum;
      EXPECT_EQ(finish(cursor, [&] { return a.usage_step(cursor, steps, sum); }), status::ok);
      EXPECT_EQ(sum.bytes_in_use, whole.bytes_in_use);
      EXPECT_EQ(sum.blocks_in_use, whole.blocks_in_use);
      EXPECT_EQ(sum.bytes_free, whole.bytes_free);
      EXPECT_EQ(sum.bytes_overhead, whole.bytes_overhead);
    }
    TestFixture::fill(stream);
  }
}

/// What a walk in steps shows as live.
void visit(const void* p) {
  size_t i = 0;
  while (i < held_count && held[i].p != p) {
    ++i;
  }
  EXPECT_LT(i, held_count) << "shown as live, and is not";
  held[i < held_count ? i : 0].visits += i < held_count ? 1 : 0;
}

template <class A, class Cursor>
status walk_on(const A& a, Cursor& cursor, size_t steps) {
  if constexpr (detail::is_same_v<Cursor, pool_cursor>) {
    return a.walk_step(cursor, steps, [](void* block) { visit(block); });
  } else {
    return a.walk_step(cursor, steps, [](const heap_block& block) {
      if (block.live) {
        visit(block.address);
      }
      return true;
    });
  }
}

TYPED_TEST(walk_in_steps, shows_each_block_that_stays_exactly_once) {
  auto& a = TestFixture::subject();
  random stream(8);
  uint32_t stayed = 0;
  for (uint32_t round = 0; round < (on_host ? 400U : 40U); ++round) {
    current_step = round;
    TestFixture::fill(stream);
    for (size_t i = 0; i < held_count; ++i) {
      held[i].stayed = true;
      held[i].visits = 0;
    }
    typename TypeParam::cursor cursor;
    uint32_t step = stream.below(32);
    ASSERT_EQ(finish(cursor,
                     [&] {
                       const status found = walk_on(a, cursor, 1 + stream.below(3));
                       TestFixture::traffic(stream, step++);
                       return found;
                     }),
              status::ok);
    for (size_t i = 0; i < held_count; ++i) {
      EXPECT_LE(held[i].visits, 1U);
      if (held[i].stayed) {
        ASSERT_EQ(held[i].visits, 1U);
        ++stayed;
      }
    }
  }
  EXPECT_GT(stayed, 20U);
}

/// The same blocks in the same order have the same sum.
struct sum_of_blocks {
  uint32_t sum = 0;

  bool operator()(const heap_block& block) {
    sum = sum * 31 + static_cast<uint32_t>(reinterpret_cast<uintptr_t>(block.address)) +
          static_cast<uint32_t>(block.size) * 2 + (block.live ? 1U : 0U);
    return true;
  }
  void operator()(void* block) {
    sum = sum * 31 + static_cast<uint32_t>(reinterpret_cast<uintptr_t>(block));
  }
};

TYPED_TEST(walk_in_steps, shows_what_is_shown_at_once_while_nothing_happens) {
  auto& a = TestFixture::subject();
  random stream(9);
  for (int round = 0; round < 10; ++round) {
    TestFixture::fill(stream);
    sum_of_blocks whole;
    if constexpr (requires { a.walk(whole); }) {
      a.walk(whole);
    } else {
      a.for_each_live(whole);
    }
    sum_of_blocks parts;
    typename TypeParam::cursor cursor;
    EXPECT_EQ(finish(cursor, [&] { return a.walk_step(cursor, 1, parts); }), status::ok);
    EXPECT_EQ(parts.sum, whole.sum);
  }
}

TEST(steps_of_growing, go_through_regions_that_come_and_go) {
  static growing_case::allocator a;
  random stream;
  held_block live[24];
  growing_case::cursor audit;
  uint32_t passes = 0;
  for (uint32_t step = 0; step < 2000; ++step) {
    held_block& block = live[stream.below(24)];
    if (block.p == nullptr) {
      block.p = a.allocate({24, 1});
    } else {
      ASSERT_EQ(a.deallocate(block.p, {24, 1}), status::ok);
      block.p = nullptr;
    }
    if (stream.one_in(16)) {
      for (held_block& every : live) {
        ASSERT_EQ(a.deallocate(every.p, {24, 1}), status::ok);
        every.p = nullptr;
      }
      static_cast<void>(a.trim());
    }
    ASSERT_EQ(a.validate_step(audit, 1 + stream.below(4)), status::ok);
    if (audit.finished()) {
      audit = {};
      ++passes;
    }
    if (step % 64 == 0) {
      growing_case::cursor cursor;
      usage sum;
      ASSERT_EQ(finish(cursor, [&] { return a.usage_step(cursor, 3, sum); }), status::ok);
      ASSERT_TRUE(sum == a.usage());
    }
  }
  EXPECT_GT(passes, 20U);
  a.release_all();
}

}  // namespace
}  // namespace acre::test::steps
