// SPDX-License-Identifier: MIT
// Every execution of a few threads in a lockfree_pool keeps the laws of pool_world.hpp.
#include <gtest/gtest.h>

#include "interleavings/pool_world.hpp"
#include "interleavings/scenario_test.hpp"
#include "support/fault_recorder.hpp"

namespace acre::test::interleavings {
namespace {

constexpr check_level none = check_level::none;
constexpr check_level basic = check_level::basic;

template <check_level Level>
struct plans : pool_world<Level> {
  using world = pool_world<Level>;
  using list = std::vector<typename world::plan>;
  using world::flush, world::give, world::pass, world::pop, world::push, world::receive;
  using world::refill, world::take;
  static constexpr auto same = world::free_the_same;
  static constexpr auto give_same = world::give_the_same;

  static list one_operation_each() {
    return {
        {2, 0, {{{pop}}, {{pop}}}},         {1, 1, {{{pop}}, {{pop}}}},
        {2, 0, {{{pop}}, {{push}, 1}}},     {1, 1, {{{pop}}, {{push}, 1}}},
        {3, 0, {{{push}, 1}, {{push}, 1}}}, {3, 0, {{{take}}, {{pop}}}},
        {2, 1, {{{take}}, {{pop}}}},        {4, 0, {{{take}}, {{take}}}},
        {3, 0, {{{give}, 2}, {{pop}}}},     {2, 1, {{{give}, 2}, {{pop}}}},
        {4, 0, {{{give}, 2}, {{take}}}},
    };
  }
  /// Three pops of one thread and a block given back in between: a head that looks as it did.
  static list same_head_again() {
    return {
        {3, 0, {{{pop}}, {{pop, push}}}},
        {3, 0, {{{pop}}, {{pop, pop, push}}}},
        {2, 1, {{{pop}}, {{push, pop}, 1}}},
        {4, 0, {{{take}}, {{pop, pop, push}}}},
    };
  }
  static list both_ways() {
    return {
        {2, 0, {{{pop, push}}, {{pop, push}}}},
        {1, 2, {{{pop, push}}, {{pop, push}}}},
        {3, 0, {{{push, pop}, 1}, {{push, pop}, 1}}},
        {2, 1, {{{pop, pass}}, {{receive, push, pop}}}},
        {4, 0, {{{refill, push}}, {{flush}, 2}}},
        {3, 1, {{{refill}}, {{refill}}}},
    };
  }
  static list three_threads() {
    return {
        {3, 0, {{{pop}}, {{pop}}, {{pop}}}},
        {2, 1, {{{pop}}, {{pop}}, {{pop}}}},
        {3, 0, {{{pop}}, {{pop}}, {{push}, 1}}},
        {3, 0, {{{pop}}, {{push}, 1}, {{push}, 1}}},
        {3, 0, {{{push}, 1}, {{push}, 1}, {{push}, 1}}},
        {4, 1, {{{take}}, {{pop}}, {{give}, 2}}},
        {2, 2, {{{pop, push}}, {{pop}}, {{pop}}}},
    };
  }
  static list many() {
    return {
        {3, 0, {{{pop, push, pop}}, {{pop, push, pop}}}},
        {4, 0, {{{pop}}, {{pop}}, {{pop}}, {{push}, 1}}},
    };
  }
  static list very_many() {
    return {
        {3, 1, {{{pop}}, {{pop, pop, push}}, {{push}, 1}}},
        {3, 0, {{{pop, push}}, {{pop, push}}, {{pop}}}},
        {4, 0, {{{pop}}, {{pop}}, {{push}, 1}, {{push}, 1}}},
        {4, 1, {{{take, push}}, {{refill}}, {{push}, 1}}},
        {3, 1, {{{pop, push, pop, push}}, {{pop, pop, push, push}}}},
    };
  }
  /// Several threads free one block, that none of them got from another.
  static list double_frees() {
    return {
        {2, 0, {{{same}}, {{same}}}},
        {2, 0, {{{same}}, {{same}}, {{same}}}},
        {3, 0, {{{give_same}, 1}, {{same}}}},
        {3, 0, {{{give_same}, 1}, {{give_same}, 1}}},
    };
  }
};

template <class World>
void explore_all(const std::vector<typename World::plan>& list, bool lock_free) {
  for (const auto& plan : list) {
    World w(plan);
    expect_lawful(w.as_scenario());
    if (lock_free) {
      expect_lock_free(w.as_scenario());
    }
  }
}

TEST(lockfree_pool_interleavings, one_operation_each) {
  explore_all<pool_world<none>>(plans<none>::one_operation_each(), true);
  explore_all<pool_world<basic>>(plans<basic>::one_operation_each(), true);
}

TEST(lockfree_pool_interleavings, a_head_that_looks_as_before) {
  explore_all<pool_world<none>>(plans<none>::same_head_again(), false);
  explore_all<pool_world<basic>>(plans<basic>::same_head_again(), false);
}

TEST(lockfree_pool_interleavings, both_ways) {
  explore_all<pool_world<none>>(plans<none>::both_ways(), false);
  explore_all<pool_world<basic>>(plans<basic>::both_ways(), false);
}

TEST(lockfree_pool_interleavings, three_threads) {
  explore_all<pool_world<none>>(plans<none>::three_threads(), false);
  explore_all<pool_world<basic>>(plans<basic>::three_threads(), false);
}

TEST(lockfree_pool_interleavings, of_several_frees_of_a_block_one_is_not_refused) {
  explore_all<pool_world<basic>>(plans<basic>::double_frees(), true);
}

TEST(lockfree_pool_interleavings, many_operations) {
#if !defined(ACRE_TEST_SLOW)
  explore_all<pool_world<none>>(plans<none>::many(), false);
  if (deep()) {
    explore_all<pool_world<basic>>(plans<basic>::many(), false);
    explore_all<pool_world<none>>(plans<none>::very_many(), false);
    explore_all<pool_world<basic>>(plans<basic>::very_many(), false);
  }
#endif
}

TEST(lockfree_pool_interleavings, reductions_leave_out_no_execution_and_repeat_none) {
  using world = pool_world<basic>;
  expect_same_executions(world({1, 1, {{{world::pop}}, {{world::pop}}}}).as_scenario());
  expect_same_executions(world({1, 1, {{{world::pop}}, {{world::push}, 1}}}).as_scenario());
  expect_same_executions(world({2, 0, {{{world::pop}}, {{world::push}, 1}}}).as_scenario());
}

}  // namespace
}  // namespace acre::test::interleavings
