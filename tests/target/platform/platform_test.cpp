// SPDX-License-Identifier: MIT
// The platform's promises, on every board and on hosts.
#include <gtest/gtest.h>

#include <stddef.h>
#include <stdint.h>

#include <acre/platform/arguments.hpp>
#include <acre/platform/counter.hpp>
#include <acre/platform/heap_region.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq_lock.hpp>
#include <acre/platform/stack.hpp>
#include <acre/policies.hpp>

namespace {

namespace platform = acre::platform;

class interrupts : public ::testing::Test {
 protected:
  void SetUp() override {
    taken_ = 0;
    platform::set_interrupt_handler(take);
  }
  void TearDown() override {
    platform::set_interrupt_handler(nullptr);
  }

  static unsigned taken() {
    return taken_;
  }

 private:
  static void take() noexcept {
    taken_ = taken_ + 1;
  }
  static inline volatile unsigned taken_ = 0;
};

TEST_F(interrupts, are_enabled_at_the_start) {
  EXPECT_TRUE(platform::irq_enabled());
}

TEST_F(interrupts, are_taken_before_raise_returns) {
  for (unsigned i = 1; i <= 100; ++i) {
    platform::raise_interrupt();
    ASSERT_EQ(taken(), i);
  }
}

TEST_F(interrupts, wait_while_disabled_and_are_taken_once) {
  const platform::irq_state state = platform::irq_disable();
  platform::raise_interrupt();
  platform::raise_interrupt();
  EXPECT_EQ(taken(), 0U);
  EXPECT_FALSE(platform::irq_enabled());
  platform::irq_restore(state);
  EXPECT_EQ(taken(), 1U);
  EXPECT_TRUE(platform::irq_enabled());
}

TEST_F(interrupts, without_a_handler_are_dropped) {
  platform::set_interrupt_handler(nullptr);
  platform::raise_interrupt();
  platform::set_interrupt_handler([]() noexcept { FAIL() << "taken late"; });
  EXPECT_TRUE(platform::irq_enabled());
}

TEST_F(interrupts, different_locks_nest) {
  platform::irq_lock outer;
  platform::irq_lock inner;
  const auto before_outer = outer.lock();
  const auto before_inner = inner.lock();
  platform::raise_interrupt();
  inner.unlock(before_inner);
  EXPECT_EQ(taken(), 0U);
  outer.unlock(before_outer);
  EXPECT_EQ(taken(), 1U);
}

void raise_under(platform::irq_lock& lock, int depth, unsigned& taken_inside, unsigned (*taken)()) {
  {
    const acre::lock_guard guard(lock);
    if (depth > 0) {
      raise_under(lock, depth - 1, taken_inside, taken);
    } else {
      platform::raise_interrupt();
    }
    taken_inside += taken();
  }
}

TEST_F(interrupts, one_lock_nests_as_deep_as_the_stack) {
  constinit static platform::irq_lock lock;
  unsigned taken_inside = 0;
  raise_under(lock, 40, taken_inside, taken);
  EXPECT_EQ(taken_inside, 0U);
  EXPECT_TRUE(platform::irq_enabled());
  EXPECT_EQ(taken(), 1U);
}

TEST_F(interrupts, a_lock_under_disabled_interrupts_leaves_them_disabled) {
  const platform::irq_state state = platform::irq_disable();
  platform::irq_lock lock;
  lock.unlock(lock.lock());
  EXPECT_FALSE(platform::irq_enabled());
  platform::irq_restore(state);
}

// The promise that interrupt sweeps rest on: counting the timer up reaches every instruction.
// `progress` counts the additions that the interrupt found done.
volatile uint32_t progress;
volatile uint32_t progress_seen;

[[gnu::noinline]] void thirty_two_steps() {
#define ACRE_STEP progress = progress + 1;
#define ACRE_STEPS ACRE_STEP ACRE_STEP ACRE_STEP ACRE_STEP ACRE_STEP ACRE_STEP ACRE_STEP ACRE_STEP
  ACRE_STEPS ACRE_STEPS ACRE_STEPS ACRE_STEPS
}

TEST_F(interrupts, armed_reach_every_step_of_a_function) {
  if (!platform::counts_instructions) {
    GTEST_SKIP() << "this platform has no timer interrupt";
  }
  platform::set_interrupt_handler([]() noexcept { progress_seen = progress; });
  uint32_t reached = 0;
  uint32_t previous = 0;
  for (uint32_t k = 1; k < 2000 && previous < 32; ++k) {
    progress = 0;
    progress_seen = UINT32_MAX;
    platform::arm_interrupt(k);
    thirty_two_steps();
    const uint32_t begin = platform::ticks();
    while (progress_seen == UINT32_MAX && platform::ticks() - begin < 100000) {
    }
    ASSERT_LE(progress_seen, 32U) << "not taken, k is " << k;
    ASSERT_LE(progress_seen, previous + 1) << "a step was skipped, k is " << k;
    previous = progress_seen;
    reached = reached > previous ? reached : previous;
  }
  EXPECT_EQ(reached, 32U);
}

// --- the address in front of which the interrupt came

const void* volatile interrupted_at;

// A few instructions whose first and last address are known.
extern "C" const char acre_test_begin[];
extern "C" const char acre_test_end[];
[[gnu::noinline]] void known_instructions() {
  asm volatile(
      ".globl acre_test_begin\n"
      ".globl acre_test_end\n"
      "acre_test_begin:\n\t"
      "nop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n"
      "acre_test_end:" ::
          : "memory");
}

TEST_F(interrupts, are_told_where_they_came) {
  if (!platform::counts_instructions) {
    GTEST_SKIP() << "this platform has no timer interrupt";
  }
  platform::set_interrupt_handler(
      []() noexcept { interrupted_at = platform::interrupted_address(); });
  const auto begin = reinterpret_cast<uintptr_t>(acre_test_begin);
  const auto end = reinterpret_cast<uintptr_t>(acre_test_end);
  const uintptr_t each = (end - begin) / 8;
  uintptr_t expected = begin;  // the next address of the eight that is to be seen
  for (uint32_t k = 1; k < 2000 && expected != end; ++k) {
    interrupted_at = nullptr;
    platform::arm_interrupt(k);
    known_instructions();
    const uint32_t start = platform::ticks();
    while (interrupted_at == nullptr && platform::ticks() - start < 100000) {
    }
    ASSERT_TRUE(interrupted_at != nullptr) << "not taken, k is " << k;
    const auto at = reinterpret_cast<uintptr_t>(interrupted_at);
    if (at >= begin && at < end) {
      ASSERT_LE(at, expected) << "k is " << k;
      expected += at == expected ? each : 0;
    }
  }
  EXPECT_EQ(expected, end);
}

TEST_F(interrupts, that_are_raised_are_told_where_they_came) {
  platform::set_interrupt_handler(
      []() noexcept { interrupted_at = platform::interrupted_address(); });
  interrupted_at = nullptr;
  platform::raise_interrupt();
  EXPECT_EQ(interrupted_at != nullptr, platform::counts_instructions);
}

TEST(counter, counts_up) {
  const uint32_t begin = platform::ticks();
  uint32_t polls = 0;
  while (platform::ticks() == begin && polls < 1'000'000) {
    ++polls;
  }
  EXPECT_LT(polls, 1'000'000U);
}

[[gnu::noinline]] uint32_t ticks_of_steps(uint32_t steps) {
  const uint32_t begin = platform::ticks();
  for (uint32_t step = 0; step < steps; ++step) {
    asm volatile("" ::: "memory");
  }
  return platform::ticks() - begin;
}

TEST(counter, counts_instructions) {
  if (!platform::counts_instructions) {
    GTEST_SKIP() << "this platform counts time";
  }
  // Two or three instructions a step, the same in each.
  const uint32_t thousand = platform::instructions(ticks_of_steps(1000));
  const uint32_t two_thousand = platform::instructions(ticks_of_steps(2000));
  const uint32_t three_thousand = platform::instructions(ticks_of_steps(3000));
  EXPECT_GE(two_thousand - thousand, 1999U);
  EXPECT_LE(two_thousand - thousand, 4001U);
  EXPECT_NEAR(two_thousand - thousand, three_thousand - two_thousand, 2U);
}

TEST(counter, goes_on_across_an_armed_interrupt) {
  if (!platform::counts_instructions) {
    GTEST_SKIP() << "this platform has no timer interrupt";
  }
  for (uint32_t k = 1; k < 3000; k += 7) {
    const uint32_t begin = platform::ticks();
    platform::arm_interrupt(k);
    uint32_t previous = begin;
    for (int i = 0; i < 50; ++i) {
      const uint32_t now = platform::ticks();
      ASSERT_LT(now - previous, 1000U) << "k is " << k;
      previous = now;
    }
  }
}

TEST(arguments, begin_with_the_program_where_there_are_any) {
  char text[256] = {'x'};
  const size_t length = platform::arguments(text, sizeof text);
  ASSERT_LT(length, sizeof text);
  EXPECT_EQ(text[length], '\0');
  if (platform::stack_size() == 0) {
    EXPECT_EQ(length, 0U) << "on hosts there are none";
    return;
  }
  static constexpr char name[] = "test_platform.elf";
  ASSERT_GE(length, sizeof name - 1);
  EXPECT_STREQ(text + length - (sizeof name - 1), name);
}

TEST(arguments, that_do_not_fit_are_none) {
  char text[5] = {'x', 'x', 'x', 'x', 'y'};
  EXPECT_EQ(platform::arguments(text, 4), 0U);
  EXPECT_EQ(text[0], '\0');
  EXPECT_EQ(text[4], 'y');
}

TEST(heap, is_writable_and_aligned) {
  const platform::memory_extent heap = platform::heap_extent();
  ASSERT_GE(heap.size, 4096U);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(heap.begin) % 16, 0U);
  auto* bytes = static_cast<volatile unsigned char*>(heap.begin);
  for (size_t i = 0; i < heap.size; i += 509) {
    bytes[i] = static_cast<unsigned char>(i);
  }
  for (size_t i = 0; i < heap.size; i += 509) {
    ASSERT_EQ(bytes[i], static_cast<unsigned char>(i));
  }
}

[[gnu::noinline]] void use_stack() {
  volatile char space[1024];
  for (size_t i = 0; i < sizeof space; ++i) {
    space[i] = 0;
  }
}

TEST(stack, peak_sees_what_was_used) {
  if (platform::stack_size() == 0) {
    GTEST_SKIP() << "this platform does not own its stack";
  }
  use_stack();
  EXPECT_GE(platform::stack_peak(), 1024U);
  EXPECT_LT(platform::stack_peak(), platform::stack_size());
}

// Opaque to the compiler, which would otherwise compute the results itself.
template <class T>
T* hide(T* pointer) {
  asm volatile("" : "+r"(pointer));
  return pointer;
}

TEST(memory, functions_do_what_c_says) {
  unsigned char bytes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  unsigned char other[16];
  EXPECT_EQ(__builtin_memset(hide(other), 0x15A, *hide(&bytes[8]) * size_t{2}), other);
  EXPECT_EQ(other[0], 0x5A);
  EXPECT_EQ(other[15], 0x5A);
  const size_t seven = *hide(&bytes[7]);
  EXPECT_EQ(__builtin_memcpy(hide(other + 1), bytes, seven), other + 1);
  EXPECT_EQ(other[1], 0);
  EXPECT_EQ(other[7], 6);
  EXPECT_EQ(other[8], 0x5A);
  EXPECT_EQ(__builtin_memcmp(hide(other + 1), bytes, seven), 0);
  EXPECT_GT(__builtin_memcmp(hide(other + 1), bytes, seven + 1), 0);
  EXPECT_LT(__builtin_memcmp(hide(bytes), other + 1, seven + 1), 0);
  __builtin_memmove(hide(bytes + 2), bytes, seven);  // overlaps upwards
  EXPECT_EQ(bytes[2], 0);
  EXPECT_EQ(bytes[8], 6);
  __builtin_memmove(hide(bytes), bytes + 2, seven);  // and downwards
  EXPECT_EQ(bytes[0], 0);
  EXPECT_EQ(bytes[6], 6);
}

}  // namespace
