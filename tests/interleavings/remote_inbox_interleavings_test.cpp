// SPDX-License-Identifier: MIT
// Every execution of pushers and an owner in a remote_inbox keeps the laws of inbox_world.hpp; a push has
// two accesses, and a pop three, whatever others do.
#include <gtest/gtest.h>

#include "interleavings/inbox_world.hpp"
#include "interleavings/scenario_test.hpp"

namespace acre::test::interleavings {
namespace {

using world = inbox_world<>;
constexpr auto push = world::push;
constexpr auto pop = world::pop;
constexpr auto pop_push = world::pop_push;

TEST(remote_inbox_interleavings, pushers_and_an_owner) {
  limits wait_free;
  wait_free.steps = 3;
  for (const world::plan& plan : std::vector<world::plan>{
           {{pop}, {push}},
           {{pop, pop}, {push}, {push}},
           {{pop, pop, pop}, {push, push}},
           {{pop, pop, pop}, {push, push}, {push}},
           {{push, pop, pop}, {push, push}},
           {{pop, pop}, {push}, {push}, {push}},
       }) {
    world w(plan);
    expect_lawful(w.as_scenario(), wait_free);
    expect_lock_free(w.as_scenario());
  }
}

TEST(remote_inbox_interleavings, a_block_goes_in_again) {
  for (const world::plan& plan : std::vector<world::plan>{
           {{pop_push, pop}, {push}},
           {{pop_push, pop_push, pop}, {push}, {push}},
       }) {
    world w(plan);
    expect_lawful(w.as_scenario());
  }
}

TEST(remote_inbox_interleavings, reductions_leave_out_no_execution_and_repeat_none) {
  for (const world::plan& plan : std::vector<world::plan>{
           {{pop, pop}, {push}, {push}},
           {{pop_push, pop}, {push, push}},
       }) {
    expect_same_executions(world(plan).as_scenario());
  }
}

}  // namespace
}  // namespace acre::test::interleavings
