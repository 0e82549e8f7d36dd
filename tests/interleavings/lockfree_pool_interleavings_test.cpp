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
  using world::give, world::pop, world::push, world::take;

  static list one_operation_each() {
    return {
        {2, 0, {{{pop}}, {{pop}}}},     {1, 1, {{{pop}}, {{pop}}}},
        {2, 0, {{{pop}}, {{push}, 1}}}, {1, 1, {{{pop}}, {{push}, 1}}},
        {3, 0, {{{push}, 1}, {{push}, 1}}},
        {3, 0, {{{take}}, {{pop}}}},    {2, 1, {{{take}}, {{pop}}}},
        {4, 0, {{{take}}, {{take}}}},
        {3, 0, {{{give}, 2}, {{pop}}}}, {2, 1, {{{give}, 2}, {{pop}}}},
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
        {3, 0, {{{pop}}, {{pop}}, {{pop}}}},
        {2, 1, {{{pop}}, {{pop}}, {{pop}}}},
        {3, 0, {{{pop}}, {{pop}}, {{push}, 1}}},
        {3, 0, {{{pop}}, {{push}, 1}, {{push}, 1}}},
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

}  // namespace
}  // namespace acre::test::interleavings
