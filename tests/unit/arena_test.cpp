// SPDX-License-Identifier: MIT
// What only arena promises: marks, reset, destructors that are owed, growth from a source.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/report.hpp"
#include "support/sources.hpp"

#include <acre/arena.hpp>
#include <acre/stack.hpp>

namespace acre::test {
namespace {

guarded_memory<1024> memory;

template <check_level Level>
using at = policies<no_lock, checks<Level>, usage_counters>;

class arena_test : public seeded_test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    seeded_test::TearDown();
  }
};

/// Notes the order in which it is destroyed.
struct noted {
  static inline int order[16] = {};
  static inline size_t count = 0;
  int value;
  explicit noted(int v) : value(v) {}
  ~noted() {
    order[count++ % 16] = value;
  }
};

TEST_F(arena_test, required_bytes_are_exact_for_an_aligned_region) {
  for (size_t payload = 1; payload < 900; payload += 13) {
    arena<at<check_level::basic>> a;
    const size_t bytes = a.required_bytes(payload);
    ASSERT_EQ(a.init(memory.carve(0, bytes)), status::ok);
    EXPECT_NE(a.allocate(payload, 1), nullptr);
    EXPECT_EQ(a.allocate(1, 1), nullptr);
    arena<at<check_level::basic>> smaller;
    const status result = smaller.init(memory.carve(0, bytes - 1));
    EXPECT_EQ(result, payload == 1 ? status::region_too_small : status::ok);
    EXPECT_EQ(smaller.allocate(payload, 1), nullptr);
  }
}

TEST_F(arena_test, a_mark_gives_back_what_is_newer_and_nothing_else) {
  arena<at<check_level::full>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  void* kept = a.allocate(40, 4);
  fill_pattern(kept, 40, 1);
  const arena_mark position = a.mark();
  const usage before = a.usage();
  void* first = a.allocate(100, 16);
  static_cast<void>(a.allocate(30, 1));
  EXPECT_EQ(a.release_to(position), status::ok);
  EXPECT_TRUE(a.usage() == before);
  EXPECT_TRUE(holds_pattern(kept, 40, 1));
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_EQ(a.allocate(100, 16), first);
  EXPECT_EQ(a.release_to(position), status::ok);
  EXPECT_EQ(a.release_to(position), status::ok) << "a second time is no mistake";
}

TEST_F(arena_test, a_mark_above_the_present_position_is_refused) {
  fault_recorder faults;
  arena<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  const arena_mark low = a.mark();
  static_cast<void>(a.allocate(64));
  const arena_mark high = a.mark();
  EXPECT_EQ(a.release_to(low), status::ok);
  const usage before = a.usage();
  EXPECT_EQ(a.release_to(high), status::out_of_order);
  EXPECT_EQ(a.release_to(arena_mark{}), status::out_of_order);
  EXPECT_TRUE(a.usage() == before);
  EXPECT_EQ(faults.count(status::out_of_order), 2U);
  EXPECT_NE(faults.last().call_site, nullptr);
}

TEST_F(arena_test, deallocate_refuses_what_is_not_in_the_used_memory) {
  fault_recorder faults;
  arena<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  auto* p = static_cast<unsigned char*>(a.allocate(32, 16));
  EXPECT_EQ(a.deallocate(p, 32, 16), status::ok);
  EXPECT_EQ(a.deallocate(p, 32, 16), status::ok) << "harmless, and not found";
  EXPECT_EQ(a.deallocate(p + 32, 32, 16), status::foreign_pointer);
  EXPECT_EQ(a.deallocate(memory.lent().begin, 1, 1), status::foreign_pointer) << "the header";
  EXPECT_EQ(a.deallocate(hidden(&faults), 1, 1), status::foreign_pointer);
  EXPECT_EQ(a.deallocate(p + 1, 8, 16), status::misaligned_pointer);
  EXPECT_EQ(a.deallocate(p, 33, 16), status::wrong_size);
  EXPECT_EQ(a.deallocate(p, SIZE_MAX, 16), status::wrong_size);
  EXPECT_EQ(faults.total(), 6U);
  EXPECT_EQ(a.observer().read().refused_count, 6U);
}

TEST_F(arena_test, destructors_that_are_owed_run_newest_first_and_once) {
  arena<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  noted::count = 0;
  ASSERT_NE(a.construct_finalized<noted>(1), nullptr);
  ASSERT_NE(a.construct_finalized<noted>(2), nullptr);
  ASSERT_NE(a.construct<noted>(99), nullptr);  // never run
  const arena_mark position = a.mark();
  ASSERT_NE(a.construct_finalized<noted>(3), nullptr);
  ASSERT_NE(a.construct_finalized<noted>(4), nullptr);
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_EQ(a.release_to(position), status::ok);
  ASSERT_EQ(noted::count, 2U);
  EXPECT_EQ(noted::order[0], 4);
  EXPECT_EQ(noted::order[1], 3);
  a.reset();
  ASSERT_EQ(noted::count, 4U);
  EXPECT_EQ(noted::order[2], 2);
  EXPECT_EQ(noted::order[3], 1);
  a.reset();
  EXPECT_EQ(noted::count, 4U);
  EXPECT_EQ(a.usage().bytes_in_use, 0U);
}

TEST_F(arena_test, construct_answers_null_when_exhausted_and_owes_nothing) {
  arena<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve(0, 64)), status::ok);
  noted::count = 0;
  int made = 0;
  while (a.construct_finalized<noted>(made) != nullptr) {
    ++made;
  }
  EXPECT_GT(made, 0);
  a.reset();
  EXPECT_EQ(noted::count, static_cast<size_t>(made));
}

TEST_F(arena_test, it_grows_through_a_source_and_gives_the_regions_back) {
  static unsigned char more[3][256];
  arena<at<check_level::basic>, region_list_source> a;
  for (auto& one : more) {
    ASSERT_EQ(a.source().add({one, sizeof one}), status::ok);
  }
  ASSERT_EQ(a.init(memory.carve(0, 128)), status::ok);
  noted::count = 0;
  size_t blocks = 0;
  while (a.allocate(40, 8) != nullptr) {
    ++blocks;
    ASSERT_NE(a.validate(), status::corrupted);
    if (blocks % 4 == 0) {
      static_cast<void>(a.construct_finalized<noted>(static_cast<int>(blocks)));
    }
  }
  EXPECT_GE(blocks, 3 * 4U);
  a.reset();
  EXPECT_EQ(a.usage().bytes_in_use, 0U);
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
  EXPECT_EQ(a.validate(), status::ok);
  const size_t run = noted::count;
  EXPECT_GT(run, 0U);
  // All three regions are in the source again.
  region back[3];
  for (region& one : back) {
    one = a.source().acquire(1);
    EXPECT_FALSE(one.empty());
  }
  EXPECT_TRUE(a.source().acquire(1).empty());
  for (const region& one : back) {
    a.source().release(one);
  }
}

TEST_F(arena_test, a_mark_from_an_older_region_gives_the_newer_ones_back) {
  arena<at<check_level::full>, failing_source<4, 256>> a;
  ASSERT_EQ(a.init(memory.carve(0, 128)), status::ok);
  void* kept = a.allocate(16, 1);
  fill_pattern(kept, 16, 3);
  const arena_mark in_first = a.mark();
  ASSERT_NE(a.allocate(200, 1), nullptr);
  const arena_mark in_second = a.mark();
  const usage second = a.usage();
  ASSERT_NE(a.allocate(200, 1), nullptr);
  EXPECT_EQ(a.source().outstanding(), 2U);
  EXPECT_EQ(a.release_to(in_second), status::ok);
  EXPECT_EQ(a.source().outstanding(), 1U);
  EXPECT_TRUE(a.usage() == second);
  EXPECT_EQ(a.release_to(in_first), status::ok);
  EXPECT_EQ(a.source().outstanding(), 0U);
  EXPECT_TRUE(holds_pattern(kept, 16, 3));
  EXPECT_EQ(a.validate(), status::ok);
  {
    fault_recorder faults;
    EXPECT_EQ(a.release_to(in_second), status::out_of_order) << "that region is gone";
  }
  a.reset();
  EXPECT_EQ(a.source().wrong_releases(), 0U);
}

TEST_F(arena_test, a_frame_works_on_an_arena_as_on_a_stack) {
  arena<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  static_cast<void>(a.allocate(10, 1));
  const usage before = a.usage();
  {
    const frame scope(a);
    static_cast<void>(a.allocate(100, 1));
  }
  EXPECT_TRUE(a.usage() == before);
}

// The same work with the n-th acquire failing, for n = 1, 2, 3 ... until none fails.
TEST_F(arena_test, whichever_acquire_fails_nothing_leaks_and_nothing_changes) {
  bool succeeded = false;
  for (uint32_t n = 1; !succeeded && n < 32; ++n) {
    current_step = n;
    arena<at<check_level::basic>, failing_source<6, 192>> a;
    ASSERT_EQ(a.init(memory.carve(0, 96)), status::ok);
    EXPECT_EQ(a.source().outstanding(), 0U);
    a.source().fail_at(n);
    noted::count = 0;
    size_t made = 0;
    for (int i = 0; i < 12; ++i) {
      const usage before = a.usage();
      const size_t largest = a.largest_free();
      const size_t out = a.source().outstanding();
      const bool object = i % 3 == 0;
      void* p = object ? static_cast<void*>(a.construct_finalized<noted>(i)) : a.allocate(64, 8);
      if (p == nullptr) {
        EXPECT_TRUE(a.usage() == before);
        EXPECT_EQ(a.largest_free(), largest);
        EXPECT_EQ(a.source().outstanding(), out);
      }
      made += object && p != nullptr ? 1U : 0U;
      EXPECT_EQ(a.validate(), status::ok);
    }
    succeeded = a.source().failures() == 0;
    a.reset();
    EXPECT_EQ(noted::count, made);
    EXPECT_EQ(a.source().outstanding(), 0U) << "leaked with acquire " << n << " failing";
    EXPECT_EQ(a.source().wrong_releases(), 0U);
  }
  EXPECT_TRUE(succeeded);
}

TEST_F(arena_test, a_request_that_no_region_holds_takes_none) {
  arena<at<check_level::basic>, failing_source<2, 192>> a;
  ASSERT_EQ(a.init(memory.carve(0, 96)), status::ok);
  EXPECT_EQ(a.allocate(4000, 1), nullptr);
  EXPECT_EQ(a.allocate(SIZE_MAX, 1), nullptr);
  EXPECT_EQ(a.allocate(SIZE_MAX / 2, 1), nullptr);
  EXPECT_EQ(a.allocate(1, SIZE_MAX / 2 + 1), nullptr);
  EXPECT_EQ(a.source().outstanding(), 0U);
}

TEST_F(arena_test, regions_that_are_added_unaligned_come_and_go_without_loss) {
  static unsigned char more[2][200];
  arena<at<check_level::basic>, region_list_source> a;
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(a.source().add({more[i] + 3 + i, 190}), status::ok);
  }
  ASSERT_EQ(a.init(memory.carve(0, 96)), status::ok);
  size_t first = 0;
  for (int round = 0; round < 5; ++round) {
    size_t count = 0;
    while (a.allocate(48, 1) != nullptr) {
      ++count;
    }
    first = round == 0 ? count : first;
    EXPECT_EQ(count, first);
    a.reset();
  }
  EXPECT_GT(first, 4U);
}

TEST_F(arena_test, a_source_gets_back_exactly_what_it_gave_even_if_that_is_not_aligned) {
  arena<at<check_level::basic>, failing_source<3, 192>> a;
  a.source().misalign(3);
  ASSERT_EQ(a.init(memory.carve(0, 96)), status::ok);
  while (a.allocate(48, 1) != nullptr) {
  }
  EXPECT_EQ(a.source().outstanding(), 3U);
  a.reset();
  EXPECT_EQ(a.source().wrong_releases(), 0U);
  EXPECT_EQ(a.source().outstanding(), 0U);
}

TEST_F(arena_test, init_again_does_not_look_at_memory_that_is_in_other_use) {
  arena<at<check_level::full>> a;
  ASSERT_EQ(a.init(memory.carve(0, 96)), status::ok);
  noted::count = 0;
  ASSERT_NE(a.construct_finalized<noted>(1), nullptr);
  // carve() writes over the header and the destructor that is owed.
  ASSERT_EQ(a.init(memory.carve(0, 128)), status::ok);
  EXPECT_EQ(noted::count, 0U);
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_NE(a.allocate(16, 1), nullptr);
}

}  // namespace
}  // namespace acre::test
