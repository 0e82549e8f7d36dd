// SPDX-License-Identifier: MIT
// The cores of a board: that each runs when it is started, on a stack of its own, with interrupts of its
// own, and that atomic operations count exactly. On boards of one core the same with one.
#include <gtest/gtest.h>

#include <stddef.h>
#include <stdint.h>

#include <acre/platform/cores.hpp>
#include <acre/platform/counter.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq.hpp>
#include <acre/platform/stack.hpp>

namespace {

namespace platform = acre::platform;
using platform::core_count;
using platform::core_id;

constexpr uint32_t rounds = 20'000;

template <class T>
void add(T& object, decltype(T{}) operand) {
  __atomic_fetch_add(&object, operand, __ATOMIC_SEQ_CST);
}

uint32_t runs[core_count];

TEST(cores, each_runs_what_it_is_started_with) {
  for (uint32_t& count : runs) {
    count = 0;
  }
  static uint32_t given;
  given = 0;
  for (uint32_t round = 1; round <= 100; ++round) {
    platform::run_on_all(
        [](void* argument) {
          runs[core_id()] += 1;
          add(*static_cast<uint32_t*>(argument), 1U);
        },
        &given);
    for (const uint32_t count : runs) {
      ASSERT_EQ(count, round);
    }
  }
  EXPECT_EQ(given, 100 * core_count);
}

TEST(cores, know_their_number) {
  EXPECT_EQ(core_id(), 0U);
  for (uint32_t id = 1; id < core_count; ++id) {
    static uint32_t seen;
    seen = 0;
    platform::start_core(
        id, [](void*) { seen = core_id(); }, nullptr);
    platform::wait_for_core(id);
    EXPECT_EQ(seen, id);
  }
}

// --- stacks

struct stack_use {
  uintptr_t local;
  size_t size;
  size_t peak;
};
stack_use uses[core_count];

[[gnu::noinline]] void use_stack(void*) {
  volatile char space[1024];
  for (size_t i = 0; i < sizeof space; ++i) {
    space[i] = static_cast<char>(core_id());
  }
  uses[core_id()] = {reinterpret_cast<uintptr_t>(&space[0]), platform::stack_size(),
                     platform::stack_peak()};
}

TEST(cores, have_a_stack_each) {
  if (platform::stack_size() == 0) {
    GTEST_SKIP() << "this platform does not own its stack";
  }
  platform::run_on_all(use_stack, nullptr);
  for (uint32_t id = 0; id < core_count; ++id) {
    const stack_use& mine = uses[id];
    EXPECT_GE(mine.peak, 1024U) << "core " << id;
    EXPECT_LT(mine.peak, mine.size) << "core " << id;
    for (uint32_t other = 0; other < id; ++other) {
      const uintptr_t a = mine.local;
      const uintptr_t b = uses[other].local;
      EXPECT_GE(a > b ? a - b : b - a, 1024U) << "cores " << id << " and " << other;
    }
  }
}

// --- memory

template <class T>
class shared_counts : public ::testing::Test {};
using sizes = ::testing::Types<uint8_t, uint16_t, uint32_t>;
TYPED_TEST_SUITE(shared_counts, sizes);

TYPED_TEST(shared_counts, lose_nothing) {
  static TypeParam counts[2];  // one for all; its neighbour, in the same word, for all too
  counts[0] = counts[1] = 0;
  platform::run_on_all(
      [](void*) {
        for (uint32_t round = 0; round < rounds; ++round) {
          add(counts[0], TypeParam{1});
          add(counts[1], TypeParam{3});
        }
      },
      nullptr);
  EXPECT_EQ(counts[0], static_cast<TypeParam>(rounds * core_count));
  EXPECT_EQ(counts[1], static_cast<TypeParam>(3 * rounds * core_count));
}

TEST(cores, count_exactly_by_compare_exchange) {
  static uint32_t count;
  count = 0;
  platform::run_on_all(
      [](void*) {
        for (uint32_t round = 0; round < rounds; ++round) {
          uint32_t seen = __atomic_load_n(&count, __ATOMIC_RELAXED);
          while (!__atomic_compare_exchange_n(&count, &seen, seen + 1, true, __ATOMIC_SEQ_CST,
                                              __ATOMIC_RELAXED)) {
          }
        }
      },
      nullptr);
  EXPECT_EQ(count, rounds * core_count);
}

// --- events

// Each core waits for its turn, so that every step needs the event of another core.
uint32_t turn;

void take_turns(void*) {
  for (uint32_t round = 0; round < 200; ++round) {
    const uint32_t mine = round * core_count + core_id();
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != mine) {
      platform::wait_for_event();
    }
    __atomic_store_n(&turn, mine + 1, __ATOMIC_RELEASE);
    platform::send_event();
  }
}

TEST(cores, wake_each_other_by_events) {
  turn = 0;
  platform::run_on_all(take_turns, nullptr);
  EXPECT_EQ(turn, 200 * core_count);
}

// --- interrupts

volatile uint32_t taken[core_count];
uint32_t disabled_elsewhere;

void raise_one(void*) {
  const uint32_t me = core_id();
  const platform::irq_state state = platform::irq_disable();
  platform::raise_interrupt();
  const bool waited = taken[me] == 0 && !platform::irq_enabled();
  platform::irq_restore(state);
  if (waited && taken[me] == 1 && platform::irq_enabled()) {
    add(disabled_elsewhere, 1U);
  }
}

TEST(cores, have_interrupts_of_their_own) {
  for (volatile uint32_t& count : taken) {
    count = 0;
  }
  disabled_elsewhere = 0;
  platform::set_interrupt_handler([]() noexcept { taken[core_id()] = taken[core_id()] + 1; });
  platform::run_on_all(raise_one, nullptr);
  EXPECT_EQ(disabled_elsewhere, core_count);
  for (const volatile uint32_t& count : taken) {
    EXPECT_EQ(count, 1U);
  }
  platform::set_interrupt_handler(nullptr);
}

void wait_for_timer(void*) {
  const uint32_t me = core_id();
  platform::arm_interrupt(2000);
  const uint32_t begin = platform::ticks();
  while (taken[me] == 0 && platform::ticks() - begin < 100'000'000) {
  }
}

TEST(cores, have_timers_of_their_own) {
  for (volatile uint32_t& count : taken) {
    count = 0;
  }
  platform::set_interrupt_handler([]() noexcept { taken[core_id()] = taken[core_id()] + 1; });
  platform::run_on_all(wait_for_timer, nullptr);
  for (const volatile uint32_t& count : taken) {
    EXPECT_EQ(count, 1U);
  }
  platform::set_interrupt_handler(nullptr);
}

TEST(cores, leave_core_0_its_interrupts_while_theirs_are_disabled) {
  static uint32_t done;
  for (uint32_t id = 1; id < core_count; ++id) {
    done = 0;
    platform::set_interrupt_handler([]() noexcept { taken[core_id()] = taken[core_id()] + 1; });
    taken[0] = 0;
    platform::start_core(
        id,
        [](void*) {
          const platform::irq_state state = platform::irq_disable();
          while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) == 0) {
            platform::wait_for_event();
          }
          platform::irq_restore(state);
        },
        nullptr);
    platform::raise_interrupt();
    EXPECT_EQ(taken[0], 1U);
    __atomic_store_n(&done, 1U, __ATOMIC_RELEASE);
    platform::send_event();
    platform::wait_for_core(id);
  }
  platform::set_interrupt_handler(nullptr);
}

}  // namespace
