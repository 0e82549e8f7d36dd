// SPDX-License-Identifier: MIT
// Every execution of an owner of a slab and others keeps the laws of slab_world.hpp: nothing is lost, no block is
// in two places, and of several frees of one block, at the same time or not, all but one are told.
#include <gtest/gtest.h>

#include "interleavings/scenario_test.hpp"
#include "interleavings/slab_world.hpp"

namespace acre::test::interleavings {
namespace {

template <check_level Level>
struct plans {
  using world = slab_world<Level>;
  using list = std::vector<typename world::plan>;
  static constexpr auto free = world::free;
  static constexpr auto freed = world::when_freed;
  static constexpr auto take = world::take;
  static constexpr auto give = world::give;
  static constexpr auto pass = world::pass;
  static constexpr auto receive = world::receive;
  static constexpr auto send = world::send;
  static constexpr auto collect = world::collect;

  static list rightful() {
    return {
        {{take, give, take}, {give, send}},
        {{collect, take, take}, {give, send}},
        {{collect, collect}, {give, send}, {give, send}},
        {{collect, take, give}, {give, take, give, send}},
        {{collect}, {give, send}, {give, take, give, send}},
        {{take, pass, collect, take}, {receive, give, send}},
        {{take, pass, collect, take}, {receive, give, take, give, send}},
    };
  }
  /// Block 0, by several.
  static list double_frees() {
    return {
        {{free}, {free}},
        {{}, {free}, {free}},
        {{free}, {free}, {free}},
        {{free, collect}, {free, send}, {free, send}},
    };
  }
  /// And who then has it has it alone. (A free that comes when somebody has the block again is one of his, for all that
  /// can be known.)
  static list double_frees_and_takes() {
    return {
        {{free, freed, take}, {free, freed, take}},
        {{free, freed, take, take}, {free, freed, take}},
        {{free, freed, take, take}, {free, freed, send}},
        {{free, freed, collect, take, take}, {free, freed, send}},
        {{free, freed, take, collect, take}, {free, freed, take, give, send}},
        {{free, freed, take}, {free, freed, take}, {free, freed, take}},
        {{free, freed, take, pass, collect, take}, {free, freed, send}, {receive, give, take}},
        {{free, freed, take, pass, collect, take}, {free, freed, take}, {receive, give, take}},
        {{free, freed, take, collect, take}, {free, freed, take, pass}, {receive, give, send}},
    };
  }
};

template <check_level Level>
void explore_all(const typename plans<Level>::list& list) {
  for (const auto& plan : list) {
    slab_world<Level> w(plan);
    expect_lawful(w.as_scenario());
  }
}

TEST(slab_words_interleavings, nothing_is_lost) {
  explore_all<check_level::none>(plans<check_level::none>::rightful());
  explore_all<check_level::basic>(plans<check_level::basic>::rightful());
  explore_all<check_level::full>(plans<check_level::full>::rightful());
}

TEST(slab_words_interleavings, of_several_frees_all_but_one_are_told_now_or_later) {
  explore_all<check_level::basic>(plans<check_level::basic>::double_frees());
  explore_all<check_level::basic>(plans<check_level::basic>::double_frees_and_takes());
}

TEST(slab_words_interleavings, of_several_frees_all_but_one_are_told_at_once_at_full) {
  explore_all<check_level::full>(plans<check_level::full>::double_frees());
  explore_all<check_level::full>(plans<check_level::full>::double_frees_and_takes());
}

TEST(slab_words_interleavings, reductions_leave_out_no_execution_and_repeat_none) {
  using p = plans<check_level::basic>;
  expect_same_executions(p::world({{p::free}, {p::free, p::send}}).as_scenario());
  expect_same_executions(p::world({{p::collect}, {p::give, p::send}}).as_scenario());
}

}  // namespace
}  // namespace acre::test::interleavings
