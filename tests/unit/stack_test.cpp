// SPDX-License-Identifier: MIT
// What only stack promises: two ends of one region, marks, frames, and order.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

#include <acre/stack.hpp>

namespace acre::test {
namespace {

guarded_memory<1024> memory;

template <check_level Level>
using at = policies<no_lock, checks<Level>, usage_counters>;

class stack_test : public seeded_test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    seeded_test::TearDown();
  }
};

TEST_F(stack_test, both_ends_meet_exactly) {
  static stack<at<check_level::basic>> a;
  for (size_t low = 1; low < 900; low += 31) {
    ASSERT_EQ(a.init(memory.carve(0, 1024)), status::ok);
    void* p = a.allocate({low, 1}, stack_side::low);
    ASSERT_NE(p, nullptr);
    const size_t left = a.usage().bytes_free - a.header_bytes;
    // The high block's header is aligned, which may take up to a word.
    void* q = nullptr;
    size_t size = left;
    while (q == nullptr && left - size < sizeof(void*)) {
      q = a.allocate({size--, 1}, stack_side::high);
    }
    ASSERT_NE(q, nullptr);
    EXPECT_LT(a.usage().bytes_free, sizeof(void*) + a.header_bytes);
    fill_pattern(p, low, 1);
    fill_pattern(q, size + 1, 2);
    EXPECT_TRUE(holds_pattern(p, low, 1));
    EXPECT_EQ(a.validate(), status::ok);
    EXPECT_EQ(a.allocate({1, 1}, stack_side::low), nullptr);
    EXPECT_EQ(a.allocate({1, 1}, stack_side::high), nullptr);
    EXPECT_EQ(a.deallocate(p, low, 1), status::ok);
    EXPECT_EQ(a.deallocate(q, size + 1, 1), status::ok);
    EXPECT_EQ(a.usage().bytes_in_use, 0U);
    EXPECT_EQ(a.validate(), status::ok);
  }
}

TEST_F(stack_test, the_ends_are_independent_of_each_other) {
  static stack<at<check_level::full>> a;
  struct block {
    unsigned char* p;
    size_t size;
    uint32_t tag;
  };
  static block side[2][64];
  size_t count[2] = {0, 0};
  random stream;
  ASSERT_EQ(a.init(memory.carve(8)), status::ok);
  for (uint32_t step = 0; step < (on_host ? 20'000U : 800U); ++step) {
    current_step = step;
    const size_t s = stream.below(2);
    if (count[s] < 64 && stream.one_in(2)) {
      const size_t size = 1 + stream.below(60);
      const size_t align = size_t{1} << stream.below(6);
      auto* p = static_cast<unsigned char*>(
          a.allocate({size, align}, s == 0 ? stack_side::low : stack_side::high));
      if (p != nullptr) {
        EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % align, 0U);
        fill_pattern(p, size, step);
        side[s][count[s]++] = {p, size, step};
      }
    } else if (count[s] != 0) {
      const block top = side[s][--count[s]];
      EXPECT_TRUE(holds_pattern(top.p, top.size, top.tag));
      ASSERT_EQ(a.deallocate(top.p, top.size, 1), status::ok);
    }
    ASSERT_EQ(a.validate(), status::ok);
    ASSERT_EQ(a.usage().blocks_in_use, count[0] + count[1]);
  }
  a.reset();
  EXPECT_EQ(a.usage().bytes_in_use, 0U);
}

TEST_F(stack_test, a_release_that_is_not_the_newest_first_is_refused) {
  fault_recorder faults;
  static stack<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  void* first = a.allocate(16);
  void* second = a.allocate(16);
  void* high = a.allocate({16, 8}, stack_side::high);
  const usage before = a.usage();
  EXPECT_EQ(a.deallocate(first, 16), status::out_of_order);
  EXPECT_TRUE(a.usage() == before);
  EXPECT_EQ(a.deallocate(high, 16, 8), status::ok);
  EXPECT_EQ(a.deallocate(second, 16), status::ok);
  EXPECT_EQ(a.deallocate(first, 16), status::ok);
  EXPECT_EQ(a.deallocate(first, 16), status::double_free);
  EXPECT_EQ(faults.total(), 2U);
}

TEST_F(stack_test, marks_release_all_that_is_newer_on_their_side) {
  static stack<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  for (int s = 0; s < 2; ++s) {
    const stack_side side = s == 0 ? stack_side::low : stack_side::high;
    static_cast<void>(a.allocate({24, 8}, side));
    const usage before = a.usage();
    const stack_mark position = a.mark(side);
    static_cast<void>(a.allocate({24, 8}, side));
    static_cast<void>(a.allocate({50, 32}, side));
    EXPECT_EQ(a.release_to(position), status::ok);
    EXPECT_TRUE(a.usage() == before);
    EXPECT_EQ(a.release_to(position), status::ok) << "nothing is newer: fine";
    EXPECT_EQ(a.validate(), status::ok);
  }
}

TEST_F(stack_test, a_mark_above_the_present_position_is_refused) {
  fault_recorder faults;
  static stack<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  void* p = a.allocate(16);
  const stack_mark above = a.mark();
  EXPECT_EQ(a.deallocate(p, 16), status::ok);
  const usage before = a.usage();
  EXPECT_EQ(a.release_to(above), status::out_of_order);
  EXPECT_TRUE(a.usage() == before);
  EXPECT_NE(faults.last().call_site, nullptr);
}

TEST_F(stack_test, a_mark_that_was_grown_over_again_is_found_at_full) {
  fault_recorder faults;
  static stack<at<check_level::full>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  void* p = a.allocate(16);
  const stack_mark stale = a.mark();
  EXPECT_EQ(a.deallocate(p, 16), status::ok);
  ASSERT_NE(a.allocate(64), nullptr);
  ASSERT_NE(a.allocate(64), nullptr);
  const usage before = a.usage();
  EXPECT_EQ(a.release_to(stale), status::out_of_order);
  EXPECT_TRUE(a.usage() == before);
  EXPECT_EQ(a.validate(), status::ok);
}

TEST_F(stack_test, frames_nest_and_give_everything_back) {
  static stack<at<check_level::full>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  {
    const frame outer(a);
    static_cast<void>(a.allocate(10));
    {
      const frame inner(a, stack_side::high);
      static_cast<void>(a.allocate({10, 1}, stack_side::high));
      EXPECT_EQ(a.usage().blocks_in_use, 2U);
    }
    EXPECT_EQ(a.usage().blocks_in_use, 1U);
  }
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
  EXPECT_EQ(a.observer().read().blocks_in_use, 0U);
  EXPECT_EQ(a.observer().read().blocks_peak, 2U);
  EXPECT_EQ(a.validate(), status::ok);
}

TEST_F(stack_test, an_end_is_an_allocator_of_its_own) {
  static stack<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  stack_end<stack<at<check_level::basic>>> low(a, stack_side::low);
  stack_end<stack<at<check_level::basic>>> high(a, stack_side::high);
  static_assert(owning_allocator<stack_end<stack<at<check_level::basic>>>>);
  void* p = low.allocate({16, 8});
  void* q = high.allocate({16, 8});
  EXPECT_LT(reinterpret_cast<uintptr_t>(p), reinterpret_cast<uintptr_t>(q));
  EXPECT_TRUE(high.owns(p) && low.owns(q));
  EXPECT_EQ(low.deallocate(p, {16, 8}), status::ok);
  EXPECT_EQ(high.deallocate(q, {16, 8}), status::ok);
}

}  // namespace
}  // namespace acre::test
