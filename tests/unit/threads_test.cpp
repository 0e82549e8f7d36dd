// SPDX-License-Identifier: MIT
// Threads of the host that share an allocator: with each lock no call is lost; and a mutex at full. Host only.
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include <acre/heap.hpp>
#include <acre/mutex_lock.hpp>
#include <acre/platform/context.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/spin_lock.hpp>
#include <acre/platform/ticket_lock.hpp>
#include <acre/pool.hpp>

#include "support/contention.hpp"
#include "support/fault_recorder.hpp"

namespace acre::test {
namespace {

constexpr uint32_t threads = 3;

template <class Lock, check_level Level = check_level::basic>
using counted = policies<Lock, checks<Level>, call_counter>;

template <class A>
void share(uint32_t rounds) {
  static static_region<4096> memory;
  static A a;
  ASSERT_EQ(a.init(memory), status::ok);
  call_counts counts;
  uint32_t spoilt = 0;
  {
    std::thread workers[threads];
    for (uint32_t id = 0; id < threads; ++id) {
      workers[id] = std::thread(
          [&counts, &spoilt, id, rounds] { contend(a, id + 1, rounds, counts, spoilt); });
    }
    for (std::thread& worker : workers) {
      worker.join();
    }
  }
  EXPECT_EQ(a.observer().read(), counts);
  EXPECT_EQ(counts.allocated + counts.exhausted, threads * rounds);
  EXPECT_EQ(counts.allocated, counts.deallocated);
  EXPECT_EQ(spoilt, 0U);
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
  EXPECT_EQ(a.validate(), status::ok);
}

template <class Lock>
void share_each(uint32_t rounds) {
  share<pool<16, counted<Lock>>>(rounds);
  share<pool<16, counted<Lock, check_level::full>>>(rounds);
  share<heap<4096, counted<Lock>, 0>>(rounds);
  share<heap<4096, counted<Lock, check_level::full>, 64>>(rounds);
}

TEST(threads, lose_no_call_with_a_mutex) {
  share_each<mutex_lock<std::mutex>>(50'000);
  share_each<mutex_lock<std::mutex, platform::context>>(50'000);
}

TEST(threads, lose_no_call_with_a_spin_lock) {
  share_each<platform::spin_lock>(50'000);
}

// In the order of arrival each waits for threads that may not be running.
TEST(threads, lose_no_call_with_a_ticket_lock) {
  share_each<platform::ticket_lock>(2'000);
}

using guarded =
    pool<16, policies<mutex_lock<std::mutex, platform::context>, checks_full, no_observer>>;
static_region<256> memory;
guarded blocks;  // not constinit: the std::mutex of mingw-w64 is initialised by a function
void* answer;

TEST(threads, with_a_mutex_at_full_are_refused_in_an_interrupt) {
  const fault_recorder faults;
  ASSERT_EQ(blocks.init(memory), status::ok);
  answer = &answer;
  platform::set_interrupt_handler([]() noexcept { answer = blocks.allocate(); });
  platform::raise_interrupt();
  platform::set_interrupt_handler(nullptr);
  EXPECT_EQ(answer, nullptr);
  EXPECT_EQ(fault_recorder::count(status::wrong_context), 1U);
}

// Without the check it would wait for itself for ever.
TEST(threads, with_a_mutex_at_full_are_refused_in_a_fault_hook) {
  ASSERT_EQ(blocks.init(memory), status::ok);
  answer = &answer;
  const fault_hook previous =
      set_fault_hook([](const fault&) noexcept { answer = blocks.allocate(); });
  EXPECT_EQ(blocks.deallocate(hidden(&answer)), status::foreign_pointer);
  static_cast<void>(set_fault_hook(previous));
  EXPECT_EQ(answer, nullptr);
  EXPECT_NE(blocks.allocate(), nullptr);
}

// A visitor runs under the lock, so the other thread's call comes while one is in progress, and waits.
TEST(threads, with_a_mutex_at_full_wait_for_each_other) {
  const fault_recorder faults;
  ASSERT_EQ(blocks.init(memory), status::ok);
  ASSERT_NE(blocks.allocate(), nullptr);
  std::thread other;
  blocks.for_each_live(
      [&other](void*) { other = std::thread([] { EXPECT_NE(blocks.allocate(), nullptr); }); });
  other.join();
  EXPECT_EQ(fault_recorder::total(), 0U);
  EXPECT_EQ(blocks.usage().blocks_in_use, 2U);
}

}  // namespace
}  // namespace acre::test
