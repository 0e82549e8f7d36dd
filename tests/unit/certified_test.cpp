// SPDX-License-Identifier: MIT
// certified and workload: what is declared cannot run out, whatever else happens.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

#include <acre/certified.hpp>

namespace acre::test {
namespace {

constexpr workload budget{.peak_live = 512, .largest = 64, .smallest = 16};
using subject = certified<budget, 16384, policies<no_lock, checks_basic, no_observer>>;
using reserve = buddy<16, policies<no_lock, checks_basic, no_observer>>;

// The check that a product writes beside its region.
static_assert(cannot_run_out<reserve>(4096, budget));
static_assert(!cannot_run_out<reserve>(512, budget));
static_assert(!cannot_run_out<reserve>(SIZE_MAX - 1, {.peak_live = SIZE_MAX, .largest = 64}));
static_assert(cannot_run_out<heap<65536>>(heap<65536>::required_bytes(1024, 128, 32),
                                          {.peak_live = 1024, .largest = 128, .smallest = 32}));
static_assert(!cannot_run_out<heap<65536>>(heap<65536>::required_bytes(1024, 128, 32) - 1,
                                           {.peak_live = 1024, .largest = 128, .smallest = 32}));

guarded_memory<subject::reserved_bytes + 1024> memory;
subject a;

class certified_test : public seeded_test {
 protected:
  void SetUp() override {
    ASSERT_EQ(a.init(memory.carve()), status::ok);
  }
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    EXPECT_EQ(a.validate(), status::ok);
    seeded_test::TearDown();
  }
};

TEST_F(certified_test, the_reserve_serves_every_request_of_its_budget_while_the_heap_is_full) {
  while (a.allocate({24, 8}) != nullptr) {
  }
  EXPECT_LT(a.largest_free(), 24U);
  struct live_block {
    void* begin;
    layout given;
  };
  static live_block live[512 / 16];
  size_t count = 0;
  test::random pick;
  for (uint32_t step = 0; step < random_steps; ++step) {
    const layout wanted{16U + pick.below(49), 8};
    const size_t bytes = reserve::block_bytes(wanted);
    if (a.reserved_live() + bytes <= budget.peak_live && pick.below(8) != 0) {
      void* block = a.allocate_reserved(wanted);
      ASSERT_NE(block, nullptr) << "step " << step;
      live[count++] = {block, wanted};
    } else if (count != 0) {
      const size_t i = pick.below(count);
      ASSERT_EQ(a.deallocate(live[i].begin, live[i].given), status::ok);
      live[i] = live[--count];
    }
  }
}

TEST_F(certified_test, a_request_beyond_the_budget_is_refused_and_hurts_nobody) {
  EXPECT_EQ(a.allocate_reserved({65, 8}), nullptr);
  EXPECT_EQ(a.allocate_reserved({16, 128}), nullptr) << "its alignment makes it larger";
  EXPECT_EQ(a.allocate_reserved({SIZE_MAX, 8}), nullptr);
  EXPECT_EQ(a.allocate_reserved({16, 3}), nullptr);
  void* blocks[8];
  for (void*& block : blocks) {
    block = a.allocate_reserved({64, 8});
    ASSERT_NE(block, nullptr);
  }
  EXPECT_EQ(a.reserved_live(), budget.peak_live);
  EXPECT_EQ(a.allocate_reserved({16, 8}), nullptr);
  for (void* block : blocks) {
    EXPECT_EQ(a.deallocate(block, {64, 8}), status::ok);
  }
  EXPECT_EQ(a.reserved_live(), 0U);
}

TEST_F(certified_test, gives_blocks_back_to_where_they_came_from_and_refuses_the_others) {
  void* reserved = a.allocate_reserved({32, 8});
  void* other = a.allocate({200, 8});
  ASSERT_NE(other, nullptr);
  EXPECT_TRUE(a.owns(reserved));
  EXPECT_TRUE(a.owns(other));
  EXPECT_EQ(a.usage().blocks_in_use, 2U);
  fault_recorder faults;
  EXPECT_EQ(a.deallocate(reserved, {64, 8}), status::wrong_size);
  EXPECT_EQ(a.deallocate(other, {400, 8}), status::wrong_size);
  EXPECT_EQ(a.deallocate(hidden(&a), {16, 8}), status::foreign_pointer);
  EXPECT_EQ(a.reserved_live(), 32U);
  EXPECT_EQ(a.deallocate(nullptr, {16, 8}), status::ok);
  EXPECT_EQ(a.deallocate(reserved, {32, 8}), status::ok);
  EXPECT_EQ(a.deallocate(other, {200, 8}), status::ok);
  EXPECT_EQ(a.deallocate(reserved, {32, 8}), status::double_free);
  EXPECT_EQ(faults.total(), 4U);
  EXPECT_EQ(a.reserved_live(), 0U);
}

TEST_F(certified_test, refuses_a_region_that_holds_no_more_than_the_reserve) {
  static subject small;
  region memory_of_all = memory.carve();
  EXPECT_EQ(small.init({}), status::invalid_argument);
  EXPECT_EQ(small.init({memory_of_all.begin, subject::reserved_bytes}), status::region_too_small);
  EXPECT_EQ(small.init({memory_of_all.begin, subject::reserved_bytes + 1}),
            status::region_too_small);
  EXPECT_EQ(small.allocate({8, 8}), nullptr);
  EXPECT_EQ(small.allocate_reserved({16, 8}), nullptr);
  EXPECT_EQ(a.init(memory_of_all), status::ok);
}

}  // namespace
}  // namespace acre::test
