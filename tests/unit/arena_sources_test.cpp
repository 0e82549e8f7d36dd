// SPDX-License-Identifier: MIT
// An arena over a source: a first region from it, regions that are kept for the next time, and what padding
// costs.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/report.hpp"
#include "support/sources.hpp"

#include <acre/arena.hpp>

namespace acre::test {
namespace {

using source_type = failing_source<6, 256>;

template <check_level Level, class Observer = usage_counters>
using growing_arena = arena<policies<no_lock, checks<Level>, Observer>, source_type>;

class arena_sources : public seeded_test {};

template <class A>
void fill(A& a, size_t blocks, void** where) {
  for (size_t i = 0; i < blocks; ++i) {
    where[i] = a.allocate(100, 4);
    ASSERT_NE(where[i], nullptr);
    fill_pattern(where[i], 100, static_cast<uint32_t>(i));
  }
}

TEST_F(arena_sources, the_first_region_comes_from_the_source_and_goes_back) {
  growing_arena<check_level::full> a;
  ASSERT_EQ(a.init(), status::ok);
  EXPECT_EQ(a.source().outstanding(), 1U);
  void* blocks[8];
  fill(a, 8, blocks);
  EXPECT_GT(a.source().outstanding(), 3U);
  a.reset();
  EXPECT_EQ(a.source().outstanding(), 1U) << "the first one stays";
  fill(a, 8, blocks);
  a.release_all();
  EXPECT_EQ(a.source().outstanding(), 0U);
  EXPECT_EQ(a.source().wrong_releases(), 0U);
  EXPECT_EQ(a.validate(), status::not_initialised);
  EXPECT_EQ(a.allocate(1), nullptr) << "as if never initialised";
  a.reset();
  a.reset_keep();
  a.release_all();
  EXPECT_EQ(a.init(), status::ok) << "and it begins anew";
  EXPECT_NE(a.allocate(1), nullptr);
  a.release_all();
  EXPECT_EQ(a.source().outstanding(), 0U);
}

TEST_F(arena_sources, a_first_region_of_the_caller_stays_the_callers) {
  static guarded_memory<256> memory;
  growing_arena<check_level::basic> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  void* blocks[8];
  fill(a, 8, blocks);
  a.release_all();
  EXPECT_EQ(a.source().outstanding(), 0U);
  EXPECT_EQ(a.source().wrong_releases(), 0U);
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_NE(a.allocate(100), nullptr);
  EXPECT_TRUE(memory.guards_intact());
}

TEST_F(arena_sources, init_says_that_the_source_has_nothing) {
  growing_arena<check_level::basic> a;
  a.source().fail_at(1);
  EXPECT_EQ(a.init(), status::exhausted);
  EXPECT_EQ(a.allocate(1), nullptr);
  EXPECT_EQ(a.init(), status::ok);
  a.release_all();
}

TEST_F(arena_sources, init_gives_back_a_region_that_is_too_small) {
  arena<policies<>, failing_source<1, 16>> a;
  EXPECT_EQ(a.init(), status::exhausted);
  EXPECT_EQ(a.source().outstanding(), 0U);
}

template <check_level Level>
void keep_regions() {
  growing_arena<Level> a;
  ASSERT_EQ(a.init(), status::ok);
  void* first[8];
  fill(a, 8, first);
  const size_t out = a.source().outstanding();
  const uint32_t calls = a.source().calls();
  EXPECT_EQ(a.bytes_kept(), 0U);
  for (int round = 0; round < 5; ++round) {
    a.reset_keep();
    EXPECT_EQ(a.usage().blocks_in_use, 0U);
    EXPECT_EQ(a.bytes_kept(), (out - 1) * 256);
    EXPECT_EQ(a.validate(), status::ok);
    if (Level == check_level::full) {
      EXPECT_FALSE(holds_pattern(first[7], 100, 7)) << "was filled";
    }
    void* again[8];
    fill(a, 8, again);
    for (size_t i = 0; i < 8; ++i) {
      EXPECT_EQ(again[i], first[i]) << "the same regions in the same order";
      EXPECT_TRUE(holds_pattern(again[i], 100, static_cast<uint32_t>(i)));
    }
    EXPECT_EQ(a.bytes_kept(), 0U);
    EXPECT_EQ(a.validate(), status::ok);
  }
  EXPECT_EQ(a.source().calls(), calls) << "the source was not asked";
  a.reset_keep();
  EXPECT_EQ(a.trim(), (out - 1) * 256);
  EXPECT_EQ(a.trim(), 0U);
  EXPECT_EQ(a.source().outstanding(), 1U);
  fill(a, 8, first);
  a.reset_keep();
  a.reset();
  EXPECT_EQ(a.source().outstanding(), 1U) << "reset keeps nothing";
  fill(a, 8, first);
  a.reset_keep();
  a.release_all();
  EXPECT_EQ(a.source().outstanding(), 0U);
  EXPECT_EQ(a.source().wrong_releases(), 0U);
}

TEST_F(arena_sources, regions_that_are_kept_serve_before_the_source) {
  keep_regions<check_level::none>();
  keep_regions<check_level::basic>();
  keep_regions<check_level::full>();
}

TEST_F(arena_sources, a_kept_region_that_is_too_small_is_passed_over) {
  // Two sizes of regions.
  static unsigned char small[2][128];
  static unsigned char large[512];
  arena<policies<no_lock, checks_full>, region_list_source> a;
  ASSERT_EQ(a.source().add({large, sizeof large}), status::ok);
  ASSERT_EQ(a.source().add({small[0], sizeof small[0]}), status::ok);
  ASSERT_EQ(a.source().add({small[1], sizeof small[1]}), status::ok);
  ASSERT_EQ(a.init(), status::ok);
  ASSERT_NE(a.allocate(60, 1), nullptr);
  ASSERT_NE(a.allocate(60, 1), nullptr);   // the other small one
  ASSERT_NE(a.allocate(300, 1), nullptr);  // the large one
  a.reset_keep();
  EXPECT_NE(a.allocate(300, 1), nullptr) << "takes the second of those kept";
  EXPECT_EQ(a.bytes_kept(), 128U);
  EXPECT_EQ(a.validate(), status::ok);
  a.release_all();
}

int destroyed = 0;
struct owed {
  ~owed() {
    ++destroyed;
  }
};

TEST_F(arena_sources, destructors_are_run_by_each_way_of_giving_back) {
  growing_arena<check_level::basic> a;
  ASSERT_EQ(a.init(), status::ok);
  destroyed = 0;
  for (int way = 1; way <= 3; ++way) {
    for (int i = 0; i < 12; ++i) {
      ASSERT_NE(a.construct_finalized<owed>(), nullptr);
    }
    way == 1 ? a.reset_keep() : way == 2 ? a.reset() : a.release_all();
    EXPECT_EQ(destroyed, 12 * way);
  }
}

TEST_F(arena_sources, keeps_what_it_can_when_the_nth_acquire_fails) {
  for (uint32_t n = 1;; ++n) {
    ASSERT_LT(n, 100U);
    growing_arena<check_level::full> a;
    a.source().fail_at(n);
    if (a.init() == status::ok) {
      for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4 + 2 * round; ++i) {
          static_cast<void>(a.allocate(100, 4));
          EXPECT_EQ(a.validate(), status::ok);
        }
        a.reset_keep();
      }
    }
    const bool done = a.source().failures() == 0;
    a.release_all();
    EXPECT_EQ(a.source().outstanding(), 0U);
    EXPECT_EQ(a.source().wrong_releases(), 0U);
    if (done) {
      break;
    }
  }
}

TEST_F(arena_sources, an_observer_that_asks_is_told_of_padding_and_of_lost_ends) {
  growing_arena<check_level::basic, padding_counters> a;
  ASSERT_EQ(a.init(), status::ok);
  const size_t room = a.usage().bytes_free;
  ASSERT_NE(a.allocate(1, 1), nullptr);
  EXPECT_EQ(a.observer().padding_bytes(), 0U);
  ASSERT_NE(a.allocate(8, 8), nullptr);
  EXPECT_EQ(a.observer().padding_bytes(), 7U);
  ASSERT_NE(a.allocate(4, 4), nullptr);
  EXPECT_EQ(a.observer().padding_bytes(), 7U);
  ASSERT_NE(a.allocate(32, 16), nullptr);
  EXPECT_EQ(a.observer().padding_bytes(), 7U + 12U);
  EXPECT_EQ(a.usage().bytes_in_use, 1U + 8U + 4U + 32U + 19U);
  EXPECT_EQ(a.observer().lost_bytes(), 0U);
  ASSERT_NE(a.allocate(200, 4), nullptr);  // does not fit
  EXPECT_EQ(a.observer().lost_bytes(), room - 64);
  EXPECT_EQ(a.observer().padding_bytes(), 19U);
  EXPECT_EQ(a.observer().read().blocks_in_use, 5U) << "usage_counters, as before";
  EXPECT_EQ(a.allocate(4096), nullptr);
  EXPECT_EQ(a.observer().lost_bytes(), room - 64) << "a failed call changes nothing";
  a.release_all();
  ASSERT_EQ(a.init(), status::ok);
  EXPECT_EQ(a.observer().padding_bytes(), 0U) << "counts anew";
  a.release_all();
}

TEST_F(arena_sources, an_arena_without_a_source_has_no_word_more) {
  static_assert(sizeof(arena<policies<no_lock, checks_basic, no_observer>>) == 5 * sizeof(void*));
  static_assert(sizeof(arena<policies<no_lock, checks_basic, no_observer>, region_list_source>) ==
                8 * sizeof(void*));
}

struct obedient_lock {
  static inline bool allowed = true;
  void lock() noexcept {}
  void unlock() noexcept {}
  [[nodiscard]] bool may_lock() const noexcept {
    return allowed;
  }
};

TEST_F(arena_sources, is_left_alone_by_calls_from_a_wrong_context) {
  arena<policies<obedient_lock, checks_full>, source_type> a;
  ASSERT_EQ(a.init(), status::ok);
  void* blocks[4];
  fill(a, 4, blocks);
  a.reset_keep();
  const size_t kept = a.bytes_kept();
  ASSERT_GT(kept, 0U);
  const fault_recorder faults;
  obedient_lock::allowed = false;
  EXPECT_EQ(a.init(), status::wrong_context);
  EXPECT_EQ(a.init({blocks, sizeof blocks}), status::wrong_context);
  a.reset();
  a.reset_keep();
  a.release_all();
  EXPECT_EQ(a.trim(), 0U);
  EXPECT_EQ(a.bytes_kept(), 0U);
  obedient_lock::allowed = true;
  EXPECT_EQ(fault_recorder::count(status::wrong_context), 7U);
  EXPECT_EQ(a.bytes_kept(), kept);
  EXPECT_EQ(a.validate(), status::ok);
  a.release_all();
  EXPECT_EQ(a.source().outstanding(), 0U);
}

}  // namespace
}  // namespace acre::test
