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

// In the order of arrival each waits for cores that the emulator's host may have taken away: some hundred
// turns a second, where it has fewer processors and is busy.
constexpr uint32_t rounds_in_order = 60;

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
  static inline uint32_t by_each;

  // All cores begin together: without this the first is done before the last has started.
  static void work(void*) {
    __atomic_fetch_add(&arrived, 1U, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < core_count) {
    }
    contend(allocator, platform::core_id() + 1, by_each, counts, spoilt);
  }

  static inline uint32_t handled;

  static void handle() noexcept {
    contend(allocator, core_count + platform::core_id() + 1, 1, counts, spoilt);
    __atomic_fetch_add(&handled, 1U, __ATOMIC_SEQ_CST);
  }

  static void check(uint32_t rounds_by_each) {
    by_each = rounds_by_each;
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

  static void run(uint32_t rounds_by_each) {
    check(rounds_by_each);
    EXPECT_EQ(counts.allocated + counts.exhausted, core_count * by_each);
  }

  static void run_interrupted(uint32_t rounds_by_each) {
    handled = 0;
    platform::set_interrupt_handler(handle);
    check(rounds_by_each);
    platform::set_interrupt_handler(nullptr);
    EXPECT_GE(handled, counts.allocated / interrupting_counter::each / 2);
    EXPECT_EQ(counts.allocated + counts.exhausted, core_count * by_each + handled);
  }
};

template <class Lock, check_level Level = check_level::basic, class Observer = call_counter>
using counted = policies<Lock, checks<Level>, Observer>;

template <class Lock>
void use_one_lock_for_all_cores(uint32_t rounds_by_each) {
  shared<pool<16, counted<Lock>>>::run(rounds_by_each);
  shared<pool<16, counted<Lock, check_level::full>>>::run(rounds_by_each);
  shared<heap<2048, counted<Lock>, 0>>::run(rounds_by_each);
}

TEST(locks_at_once, spin_lock_loses_no_call) {
  use_one_lock_for_all_cores<platform::spin_lock>(rounds);
}

TEST(locks_at_once, ticket_lock_loses_no_call) {
  use_one_lock_for_all_cores<platform::ticket_lock>(rounds_in_order);
}

template <class Lock>
void use_one_lock_in_interrupts_too(uint32_t rounds_by_each) {
  using at_basic = counted<Lock, check_level::basic, interrupting_counter>;
  using at_full = counted<Lock, check_level::full, interrupting_counter>;
  shared<pool<16, at_basic>>::run_interrupted(rounds_by_each);
  shared<heap<2048, at_full, 0>>::run_interrupted(rounds_by_each);
}

TEST(locks_at_once, irq_spin_lock_is_safe_in_interrupts) {
  use_one_lock_in_interrupts_too<platform::irq_spin_lock>(rounds);
}

TEST(locks_at_once, irq_ticket_lock_is_safe_in_interrupts) {
  use_one_lock_in_interrupts_too<platform::irq_ticket_lock>(rounds_in_order);
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

// Who waits is served before the one that comes again. With a spin lock the last holder, which never slept,
// would nearly always be the next one.
TEST(locks_at_once, ticket_lock_serves_in_the_order_of_arrival) {
  static platform::ticket_lock lock;
  static uint32_t served;
  for (uint32_t attempt = 0; attempt < 100; ++attempt) {
    served = 0;
    lock.lock();
    const auto& tickets = *reinterpret_cast<const volatile uint32_t*>(&lock);  // the first word
    const uint32_t mine = tickets;
    platform::start_core(
        1,
        [](void*) {
          const lock_guard guard(lock);
          served = 1;
        },
        nullptr);
    while (tickets == mine) {  // until core 1 has its ticket
    }
    lock.unlock();
    lock.lock();
    ASSERT_EQ(served, 1U);
    lock.unlock();
    platform::wait_for_core(1);
  }
}

}  // namespace
}  // namespace acre::test
