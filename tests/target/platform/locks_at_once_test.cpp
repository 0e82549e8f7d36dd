// SPDX-License-Identifier: MIT
// The locks of several cores: all of them use one allocator at once, with interrupts that use it too, and no
// call is lost.
#include <gtest/gtest.h>

#include <stdint.h>

#include <acre/heap.hpp>
#include <acre/platform/cores.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/spin_lock.hpp>
#include <acre/platform/ticket_lock.hpp>
#include <acre/pool.hpp>

#include "support/contention.hpp"

namespace acre::test {
namespace {

using platform::core_count;

constexpr uint32_t rounds = 2000;

static_region<2048> memory;

// Raises an interrupt in the middle of a call, at the worst place: the core holds the lock. Seldom enough
// that the handler's own calls do not raise one each.
class interrupting_counter : public call_counter {
 public:
  static constexpr uint32_t each = 16;

  void on_allocate(size_t bytes) noexcept {
    call_counter::on_allocate(bytes);
    if (read().allocated % each == 0) {
      platform::raise_interrupt();
    }
  }
};

template <class A>
struct shared {
  static inline A allocator;
  static inline call_counts counts;
  static inline uint32_t spoilt;
  static inline uint32_t arrived;

  // All cores begin together: without this the first is done before the last has started.
  static void work(void*) {
    __atomic_fetch_add(&arrived, 1U, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < core_count) {
    }
    contend(allocator, platform::core_id() + 1, rounds, counts, spoilt);
  }

  static inline uint32_t handled;

  static void handle() noexcept {
    contend(allocator, core_count + platform::core_id() + 1, 1, counts, spoilt);
    __atomic_fetch_add(&handled, 1U, __ATOMIC_SEQ_CST);
  }

  static void check() {
    counts = {};
    spoilt = 0;
    arrived = 0;
    ASSERT_EQ(allocator.init(memory), status::ok);
    platform::run_on_all(work, nullptr);
    const call_counts seen = allocator.observer().read();
    EXPECT_EQ(seen.allocated, counts.allocated);
    EXPECT_EQ(seen.exhausted, counts.exhausted);
    EXPECT_EQ(seen.deallocated, counts.deallocated);
    EXPECT_EQ(counts.allocated, counts.deallocated);
    EXPECT_EQ(spoilt, 0U);
    EXPECT_EQ(allocator.usage().blocks_in_use, 0U);
    EXPECT_EQ(allocator.validate(), status::ok);
  }

  static void run() {
    check();
    EXPECT_EQ(counts.allocated + counts.exhausted, core_count * rounds);
  }

  static void run_interrupted() {
    handled = 0;
    platform::set_interrupt_handler(handle);
    check();
    platform::set_interrupt_handler(nullptr);
    EXPECT_GE(handled, counts.allocated / interrupting_counter::each / 2);
    EXPECT_EQ(counts.allocated + counts.exhausted, core_count * rounds + handled);
  }
};

template <class Lock, check_level Level = check_level::basic, class Observer = call_counter>
using counted = policies<Lock, checks<Level>, Observer>;

template <class Lock>
void use_one_lock_for_all_cores() {
  shared<pool<16, counted<Lock>>>::run();
  shared<pool<16, counted<Lock, check_level::full>>>::run();
  shared<heap<2048, counted<Lock>, 0>>::run();
}

TEST(locks_at_once, spin_lock_loses_no_call) {
  use_one_lock_for_all_cores<platform::spin_lock>();
}

TEST(locks_at_once, ticket_lock_loses_no_call) {
  use_one_lock_for_all_cores<platform::ticket_lock>();
}

template <class Lock>
void use_one_lock_in_interrupts_too() {
  using at_basic = counted<Lock, check_level::basic, interrupting_counter>;
  using at_full = counted<Lock, check_level::full, interrupting_counter>;
  shared<pool<16, at_basic>>::run_interrupted();
  shared<heap<2048, at_full, 0>>::run_interrupted();
}

TEST(locks_at_once, irq_spin_lock_is_safe_in_interrupts) {
  use_one_lock_in_interrupts_too<platform::irq_spin_lock>();
}

TEST(locks_at_once, irq_ticket_lock_is_safe_in_interrupts) {
  use_one_lock_in_interrupts_too<platform::irq_ticket_lock>();
}

template <class Lock>
void know_who_holds_it() {
  static Lock lock;
  EXPECT_TRUE(lock.may_lock());
  lock.lock();
  EXPECT_FALSE(lock.may_lock()) << "this core would wait for itself";
  static bool elsewhere;
  elsewhere = false;
  platform::start_core(
      1, [](void*) { elsewhere = lock.may_lock(); }, nullptr);
  platform::wait_for_core(1);
  EXPECT_TRUE(elsewhere) << "another core waits";
  lock.unlock();
  EXPECT_TRUE(lock.may_lock());
}

TEST(locks_at_once, know_who_holds_them) {
  know_who_holds_it<platform::spin_lock>();
  know_who_holds_it<platform::ticket_lock>();
}

// In the order of arrival: whoever has waited is served before the one that comes again.
TEST(locks_at_once, ticket_lock_is_fair) {
  static platform::ticket_lock lock;
  static uint32_t turns[core_count];
  static uint32_t arrived;
  static bool over;
  arrived = 0;
  over = false;
  for (uint32_t& count : turns) {
    count = 0;
  }
  platform::run_on_all(
      [](void*) {
        __atomic_fetch_add(&arrived, 1U, __ATOMIC_SEQ_CST);
        while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < core_count) {
        }
        for (bool done = false; !done;) {
          const lock_guard guard(lock);
          done = over;
          turns[platform::core_id()] += 1;
          over = over || turns[platform::core_id()] == 100;
        }
      },
      nullptr);
  // Once all wait, each has a turn before another has two; some may have waited a little for that.
  for (const uint32_t count : turns) {
    EXPECT_GE(count, 1U);
  }
}

}  // namespace
}  // namespace acre::test
