// SPDX-License-Identifier: MIT
// A pointer for each thread, and the hook at its end: run once for each thread that has a pointer, whatever
// comes behind it.
#include <gtest/gtest.h>

#include <acre/port/thread_slot.hpp>

#include <stdlib.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "port/ending_threads.hpp"

namespace acre::test {
namespace {

using port::thread_hooks;
using port::thread_slot;

struct ends {
  std::atomic<int> count{0};
  std::atomic<uintptr_t> sum{0};

  static void at_exit(void* context, void* value) noexcept {
    auto& self = *static_cast<ends*>(context);
    ++self.count;
    self.sum += reinterpret_cast<uintptr_t>(value);
  }
};
constexpr thread_hooks hooks{&ends::at_exit, [](void*) noexcept {},
                             [](void*, void*, bool) noexcept {}};

void* number(uintptr_t n) {
  return reinterpret_cast<void*>(n);
}

TEST(thread_slot, that_is_not_open_has_no_pointer_and_takes_none) {
  thread_slot slot;
  EXPECT_EQ(slot.get(), nullptr);
  EXPECT_FALSE(slot.set(&slot));
  EXPECT_EQ(slot.get(), nullptr);
  slot.close();
}

TEST(thread_slot, keeps_a_pointer_for_each_thread) {
  ends seen;
  thread_slot slot;
  ASSERT_TRUE(slot.open(hooks, &seen));
  EXPECT_TRUE(slot.open(hooks, &seen)) << "open already";
  ASSERT_TRUE(slot.set(number(1)));
  std::thread([&] {
    EXPECT_EQ(slot.get(), nullptr);
    ASSERT_TRUE(slot.set(number(20)));
    EXPECT_EQ(slot.get(), number(20));
  }).join();
  EXPECT_EQ(slot.get(), number(1));
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(seen.sum, 20U);
  slot.close();
  EXPECT_EQ(slot.get(), nullptr);
}

TEST(thread_slot, tells_of_no_end_where_there_is_no_pointer) {
  ends seen;
  thread_slot slot;
  ASSERT_TRUE(slot.open(hooks, &seen));
  std::thread([&] {
    ASSERT_TRUE(slot.set(number(1)));
    ASSERT_TRUE(slot.set(nullptr));
  }).join();
  std::thread([] {}).join();
  EXPECT_EQ(seen.count, 0);
  slot.close();
}

TEST(thread_slot, that_is_closed_leaves_nothing_for_who_takes_its_number) {
  ends first_seen;
  ends second_seen;
  thread_slot first;
  thread_slot second;
  ASSERT_TRUE(first.open(hooks, &first_seen));
  std::atomic<int> step{0};
  const auto await = [&](int wanted) {
    while (step.load() != wanted) {
      std::this_thread::yield();
    }
  };
  std::thread other([&] {
    ASSERT_TRUE(first.set(number(1)));
    step = 1;
    await(2);
    EXPECT_EQ(second.get(), nullptr);
  });
  await(1);
  first.close();
  ASSERT_TRUE(second.open(hooks, &second_seen));
  step = 2;
  other.join();
  EXPECT_EQ(first_seen.count, 0);
  EXPECT_EQ(second_seen.count, 0);
  second.close();
}

TEST(thread_slot, is_one_of_a_fixed_number) {
  ends seen;
  std::vector<thread_slot> slots(config::thread_slots + 1);
  size_t opened = 0;
  for (thread_slot& slot : slots) {
    opened += slot.open(hooks, &seen) ? 1 : 0;
  }
  EXPECT_EQ(opened, config::thread_slots);
  slots.front().close();
  EXPECT_TRUE(slots.back().open(hooks, &seen));
  for (thread_slot& slot : slots) {
    slot.close();
  }
}

TEST(thread_slot, tells_of_each_of_10000_threads) {
  constexpr int rounds = 2500;
  ends seen;
  thread_slot slot;
  ASSERT_TRUE(slot.open(hooks, &seen));
  const size_t before = port::threads_listed();
  for (int round = 0; round < rounds; ++round) {
    std::thread four[4];
    for (std::thread& one : four) {
      one = std::thread([&] { EXPECT_TRUE(slot.set(number(3))); });
    }
    for (std::thread& one : four) {
      one.join();
    }
  }
  EXPECT_EQ(seen.count, 4 * rounds);
  EXPECT_EQ(seen.sum, 3U * 4 * rounds);
  EXPECT_EQ(port::threads_listed(), before);
  slot.close();
}

// Which of them runs before the hook is the system's affair. Behind it a pointer is refused, and not lost.
TEST(thread_slot, takes_or_refuses_a_pointer_from_destructors_of_the_thread) {
  ends seen;
  thread_slot slot;
  std::atomic<int> accepted{0};
  ASSERT_TRUE(slot.open(hooks, &seen));
  const std::function<void()> at_end = [&] { accepted += slot.set(number(5)) ? 1 : 0; };
  thread_variable::at_end = &at_end;
  for (int i = 0; i < 100; ++i) {
    std::thread([&, early = i % 2 == 0] {
      thread_local thread_variable object;
      object.use();
      if (early) {
        EXPECT_TRUE(slot.set(number(7)));
      }
    }).join();
  }
  // A destructor that came first replaced the 7, or gave a thread its first pointer.
  EXPECT_GE(seen.count, 50);
  EXPECT_EQ(seen.count - 50, accepted == 0 ? 0 : 50);
  slot.close();
}

// While a program runs the destructors of its static objects, other threads go on.
[[noreturn]] void exit_while_another_thread_has_a_pointer() {
  static thread_slot slot;
  static std::atomic<bool> ready{false};
  static constexpr thread_hooks fatal{[](void*, void*) noexcept { _Exit(1); },
                                      [](void*) noexcept {}, [](void*, void*, bool) noexcept {}};
  if (!slot.open(fatal, nullptr)) {
    _Exit(2);
  }
  std::thread([] {
    ready = slot.set(number(1));
    for (;;) {
      std::this_thread::yield();
    }
  }).detach();
  while (!ready) {
    std::this_thread::yield();
  }
  exit(0);
}

TEST(thread_slot_death_test, a_program_that_ends_runs_no_hook_for_a_thread_that_goes_on) {
  EXPECT_EXIT(exit_while_another_thread_has_a_pointer(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace acre::test
