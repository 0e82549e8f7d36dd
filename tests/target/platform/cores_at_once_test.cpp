// SPDX-License-Identifier: MIT
// That the cores really run at once, when time follows the host: without atomics counts are lost, and
// with them, in the same crowd, none.
#include <gtest/gtest.h>

#include <stdint.h>

#include <acre/platform/cores.hpp>

namespace {

namespace platform = acre::platform;
using platform::core_count;

constexpr uint32_t rounds = 250'000;

// All cores begin together: without this the first is done before the last has started.
uint32_t arrived;

void meet() {
  __atomic_fetch_add(&arrived, 1U, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < core_count) {
  }
}

uint32_t count_on_all(platform::core_entry entry, const uint32_t& count,
                      uint32_t by_each = rounds) {
  arrived = 0;
  platform::run_on_all(entry, nullptr);
  return core_count * by_each - count;
}

// An addition with time between its two halves. Where the host is busy and gives one processor at a time,
// cores change places a few times in a test only, and it must be in here.
constexpr uint32_t slow_rounds = 20'000;

void add_slowly(volatile uint32_t& object) {
  const uint32_t before = object;
  for (unsigned step = 0; step < 1000; ++step) {
    asm volatile("" ::: "memory");  // keeps the loop
  }
  object = before + 1;
}

volatile uint32_t plain;
uint32_t by_swap;
uint32_t by_addition;
uint32_t swaps_repeated;

TEST(cores_at_once, lose_counts_without_atomics) {
  uint32_t lost = 0;
  for (uint32_t attempt = 0; attempt < 50 && lost == 0; ++attempt) {
    plain = 0;
    lost = count_on_all(
        [](void*) {
          meet();
          for (uint32_t round = 0; round < slow_rounds; ++round) {
            add_slowly(plain);
          }
        },
        const_cast<const uint32_t&>(plain), slow_rounds);
  }
  EXPECT_GT(lost, 0U);
  testing::internal::writer out;
  out.text("plain: lost ");
  out.number(lost);
  out.text(" of ");
  out.number(core_count * slow_rounds);
  out.text("\n");
}

TEST(cores_at_once, count_exactly_by_compare_exchange) {
  by_swap = 0;
  swaps_repeated = 0;
  const uint32_t lost = count_on_all(
      [](void*) {
        meet();
        uint32_t repeated = 0;
        for (uint32_t round = 0; round < rounds; ++round) {
          uint32_t seen = __atomic_load_n(&by_swap, __ATOMIC_RELAXED);
          while (!__atomic_compare_exchange_n(&by_swap, &seen, seen + 1, false, __ATOMIC_SEQ_CST,
                                              __ATOMIC_RELAXED)) {
            ++repeated;
          }
        }
        __atomic_fetch_add(&swaps_repeated, repeated, __ATOMIC_SEQ_CST);
      },
      by_swap);
  EXPECT_EQ(lost, 0U);
  testing::internal::writer out;
  out.text("compare_exchange: lost 0, repeated ");
  out.number(swaps_repeated);
  out.text("\n");
}

TEST(cores_at_once, count_exactly_by_fetch_add) {
  by_addition = 0;
  const uint32_t lost = count_on_all(
      [](void*) {
        meet();
        for (uint32_t round = 0; round < rounds; ++round) {
          __atomic_fetch_add(&by_addition, 1U, __ATOMIC_SEQ_CST);
        }
      },
      by_addition);
  EXPECT_EQ(lost, 0U);
}

// Two cores that only spin: each step needs that the other runs at the same time.
TEST(cores_at_once, pass_a_flag_by_spinning) {
  static uint32_t flag;
  flag = 0;
  constexpr uint32_t passes = 200;
  platform::start_core(
      1,
      [](void*) {
        for (uint32_t pass = 0; pass < passes; ++pass) {
          while (__atomic_load_n(&flag, __ATOMIC_ACQUIRE) != 2 * pass + 1) {
          }
          __atomic_store_n(&flag, 2 * pass + 2, __ATOMIC_RELEASE);
        }
      },
      nullptr);
  for (uint32_t pass = 0; pass < passes; ++pass) {
    __atomic_store_n(&flag, 2 * pass + 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(&flag, __ATOMIC_ACQUIRE) != 2 * pass + 2) {
    }
  }
  platform::wait_for_core(1);
  EXPECT_EQ(flag, 2 * passes);
}

}  // namespace
