// SPDX-License-Identifier: MIT
// Cores that are started while another one sends events, which all see, also those that were not started yet. A
// program of its own, because only the first start after a reset matters.
#include <gtest/gtest.h>

#include <stdint.h>

#include <acre/platform/cores.hpp>

namespace {

namespace platform = acre::platform;
using platform::core_count;
using platform::core_id;

// On the stack, for longer than it takes to make a stack.
constexpr uint32_t rounds = 20'000;

[[gnu::noinline]] uint32_t count_on_stack() {
  volatile uint32_t counts[64] = {};
  for (uint32_t round = 0; round < rounds; ++round) {
    for (uint32_t i = 0; i < 64; ++i) {
      counts[i] = counts[i] + 1;
    }
  }
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 64; ++i) {
    sum += counts[i];
  }
  return sum;
}

TEST(cores, start_while_another_sends_events) {
  static uint32_t sums[core_count];
  static bool stop;
  if (core_count < 3) {
    GTEST_SKIP() << "needs a third core";
  }
  platform::start_core(
      1,
      [](void*) {
        while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
          platform::send_event();
        }
      },
      nullptr);
  for (uint32_t id = 2; id < core_count; ++id) {
    static_cast<void>(count_on_stack());  // time for the others
    platform::start_core(
        id, [](void*) { sums[core_id()] = count_on_stack(); }, nullptr);
  }
  for (uint32_t id = 2; id < core_count; ++id) {
    platform::wait_for_core(id);
    EXPECT_EQ(sums[id], 64 * rounds);
  }
  __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
  platform::wait_for_core(1);
}

}  // namespace
