// SPDX-License-Identifier: MIT
// irq_ceiling_lock, on Cortex-M with BASEPRI: what is more urgent than the ceiling comes through, the rest
// waits, locks nest, and at full a call from above the ceiling is refused. PendSV is raised by software and
// SysTick by the timer, so that two interrupts can have two priorities.
#include <gtest/gtest.h>

#include <stdint.h>

#include <acre/platform/counter.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq_lock.hpp>
#include <acre/pool.hpp>

#include "support/fault_recorder.hpp"

namespace {

namespace platform = acre::platform;
using acre::check_level;
using acre::status;

constexpr uint32_t ceiling = 0x40;
constexpr uint32_t urgent = 0x20;
constexpr uint32_t other = 0x80;

using lock_type = platform::irq_ceiling_lock<ceiling>;
using worked_around = platform::irq_ceiling_lock<ceiling, true>;

volatile uint32_t& scs(uintptr_t address) {
  return *reinterpret_cast<volatile uint32_t*>(address);
}

uint32_t base_priority() {
  uint32_t value;
  asm volatile("mrs %0, basepri" : "=r"(value));
  return value;
}

void set_base_priority(uint32_t value) {
  asm volatile("msr basepri, %0\n\tisb" ::"r"(value) : "memory");
}

uint32_t exception() {
  uint32_t number;
  asm volatile("mrs %0, ipsr" : "=r"(number));
  return number;
}

constexpr uint32_t pendsv = 14;
constexpr uint32_t systick = 15;
volatile uint32_t taken[16];

void (*volatile in_handler)();

void count() noexcept {
  const uint32_t number = exception();
  taken[number] = taken[number] + 1;
  if (in_handler != nullptr) {
    in_handler();
  }
}

class irq_ceiling : public ::testing::Test {
 protected:
  void SetUp() override {
    taken[pendsv] = 0;
    taken[systick] = 0;
    in_handler = nullptr;
    before_ = scs(shpr3);
    set_priorities(other, urgent);
    platform::set_interrupt_handler(count);
  }
  void TearDown() override {
    platform::set_interrupt_handler(nullptr);
    scs(shpr3) = before_;
    EXPECT_EQ(base_priority(), 0U);
  }

  static void set_priorities(uint32_t of_pendsv, uint32_t of_systick) {
    scs(shpr3) = of_pendsv << 16 | of_systick << 24;
  }

  // Returns when the timer has run out for long.
  static void run_timer() {
    platform::arm_interrupt(50);
    const uint32_t begin = platform::ticks();
    while (platform::ticks() - begin < 1000) {
    }
  }

 private:
  static constexpr uintptr_t shpr3 = 0xE000ED20;
  uint32_t before_ = 0;
};

template <class Lock>
void let_through_what_is_above(void (*run_timer)()) {
  Lock lock;
  const auto found = lock.lock();
  EXPECT_EQ(base_priority(), ceiling);
  platform::raise_interrupt();
  EXPECT_EQ(taken[pendsv], 0U) << "below the ceiling";
  run_timer();
  EXPECT_EQ(taken[systick], 1U) << "above the ceiling";
  EXPECT_EQ(taken[pendsv], 0U);
  EXPECT_TRUE(platform::irq_enabled());
  lock.unlock(found);
  asm volatile("isb" ::: "memory");
  EXPECT_EQ(taken[pendsv], 1U);
  EXPECT_EQ(base_priority(), 0U);
}

TEST_F(irq_ceiling, lets_through_what_is_above_and_holds_back_the_rest) {
  let_through_what_is_above<lock_type>(run_timer);
}

TEST_F(irq_ceiling, does_the_same_with_the_workaround) {
  let_through_what_is_above<worked_around>(run_timer);
}

TEST_F(irq_ceiling, holds_back_its_own_urgency) {
  set_priorities(ceiling, ceiling);
  lock_type lock;
  const auto found = lock.lock();
  platform::raise_interrupt();
  run_timer();
  EXPECT_EQ(taken[pendsv] + taken[systick], 0U);
  lock.unlock(found);
  asm volatile("isb" ::: "memory");
  EXPECT_EQ(taken[pendsv], 1U);
  EXPECT_EQ(taken[systick], 1U);
}

template <class Outer, class Inner>
void nest(uint32_t of_outer, uint32_t of_both) {
  Outer outer;
  Inner inner;
  const auto before_outer = outer.lock();
  EXPECT_EQ(base_priority(), of_outer);
  const auto before_inner = inner.lock();
  EXPECT_EQ(base_priority(), of_both);
  const auto again = inner.lock();
  EXPECT_EQ(base_priority(), of_both);
  platform::raise_interrupt();
  inner.unlock(again);
  EXPECT_EQ(base_priority(), of_both);
  inner.unlock(before_inner);
  EXPECT_EQ(base_priority(), of_outer);
  EXPECT_EQ(taken[pendsv], 0U);
  outer.unlock(before_outer);
  asm volatile("isb" ::: "memory");
  EXPECT_EQ(base_priority(), 0U);
  EXPECT_EQ(taken[pendsv], 1U);
  taken[pendsv] = 0;
}

TEST_F(irq_ceiling, nests_and_never_lowers_what_an_outer_lock_has_raised) {
  using lower = platform::irq_ceiling_lock<0x60>;
  using higher = platform::irq_ceiling_lock<0x20>;
  nest<lock_type, lock_type>(ceiling, ceiling);
  nest<lock_type, lower>(ceiling, ceiling);
  nest<lock_type, higher>(ceiling, 0x20);
  nest<worked_around, lower>(ceiling, ceiling);
  nest<platform::irq_mask_lock, lock_type>(0, ceiling);
}

TEST_F(irq_ceiling, restores_exactly_what_was_there) {
  constexpr uint32_t values[] = {0x00, 0x20, 0x40, 0x60, 0xE0};
  for (const uint32_t found : values) {
    for (uint32_t masked = 0; masked < 2; ++masked) {
      const platform::irq_state state = masked != 0 ? platform::irq_disable() : 0;
      set_base_priority(found);
      {
        lock_type lock;
        const acre::lock_guard guard(lock);
        EXPECT_EQ(base_priority(), found != 0 && found < ceiling ? found : ceiling);
      }
      {
        worked_around lock;
        const acre::lock_guard guard(lock);
        EXPECT_EQ(platform::irq_enabled(), masked == 0);
      }
      EXPECT_EQ(base_priority(), found);
      EXPECT_EQ(platform::irq_enabled(), masked == 0);
      set_base_priority(0);
      if (masked != 0) {
        platform::irq_restore(state);
      }
    }
  }
}

// An interrupt that locks and unlocks between a lock and its unlock changes nothing for it.
TEST_F(irq_ceiling, survives_an_interrupt_that_takes_another_lock) {
  in_handler = [] {
    platform::irq_ceiling_lock<0x20> lock;
    const acre::lock_guard guard(lock);
    EXPECT_EQ(base_priority(), 0x20U);
  };
  lock_type lock;
  {
    const acre::lock_guard guard(lock);
    run_timer();
    EXPECT_EQ(taken[systick], 1U);
    EXPECT_EQ(base_priority(), ceiling);
  }
}

using locked_pool = acre::pool<16, acre::policies<lock_type, acre::checks_full>>;
acre::static_region<locked_pool::required_bytes(8)> memory;
constinit locked_pool blocks;
void* volatile answer;

TEST_F(irq_ceiling, refuses_a_call_from_above_the_ceiling_and_no_other) {
  ASSERT_EQ(blocks.init(memory), status::ok);
  acre::test::fault_recorder faults;
  in_handler = [] { answer = blocks.allocate(); };

  set_priorities(other, urgent);
  platform::raise_interrupt();
  EXPECT_NE(answer, nullptr) << "PendSV is below the ceiling";
  EXPECT_EQ(faults.total(), 0U);

  set_priorities(ceiling, urgent);
  platform::raise_interrupt();
  EXPECT_NE(answer, nullptr) << "and here as urgent as that";
  EXPECT_EQ(faults.total(), 0U);

  set_priorities(urgent, urgent);
  platform::raise_interrupt();
  EXPECT_EQ(answer, nullptr);
  EXPECT_EQ(faults.count(status::wrong_context), 1U);

  EXPECT_EQ(blocks.usage().blocks_in_use, 2U);
  EXPECT_EQ(blocks.validate(), status::ok);
}

// Where the lowest bits of a priority do not decide, they are not compared.
TEST_F(irq_ceiling, compares_priorities_as_the_core_does) {
  constexpr uintptr_t aircr = 0xE000ED0C;
  constexpr uint32_t key = 0x05FA0000;
  const uint32_t before = scs(aircr) & 0x700;
  scs(aircr) = key | 6U << 8;  // only the top bit decides
  ASSERT_EQ(blocks.init(memory), status::ok);
  in_handler = [] { answer = blocks.allocate(); };
  set_priorities(urgent, urgent);
  answer = nullptr;
  {
    lock_type lock;
    const acre::lock_guard guard(lock);
    platform::raise_interrupt();
    EXPECT_EQ(taken[pendsv], 0U) << "one group with the ceiling";
  }
  asm volatile("isb" ::: "memory");
  EXPECT_EQ(taken[pendsv], 1U);
  EXPECT_NE(answer, nullptr) << "so it may call";
  scs(aircr) = key | before;
}

// NMI has no priority that any lock could hold back. Its handler is put into a copy of the vectors.
using masked_pool = acre::pool<16, acre::policies<platform::irq_mask_lock, acre::checks_full>>;
constinit masked_pool masked;

void on_nmi() {
  const uint32_t number = exception();
  taken[number] = taken[number] + 1;
  in_handler();
}

TEST_F(irq_ceiling, refuses_a_call_from_a_non_maskable_interrupt) {
  constexpr uint32_t nmi = 2;
  constexpr uintptr_t vtor = 0xE000ED08;
  constexpr uintptr_t icsr = 0xE000ED04;
  alignas(128) static uint32_t vectors[16];
  const uint32_t before = scs(vtor);
  for (uint32_t i = 0; i < 16; ++i) {
    // The first word of memory may be at address 0, which is no null pointer here.
    vectors[i] = scs(before + 4 * i);
  }
  vectors[nmi] = reinterpret_cast<uint32_t>(on_nmi);
  scs(vtor) = reinterpret_cast<uint32_t>(vectors);

  ASSERT_EQ(blocks.init(memory), status::ok);
  acre::test::fault_recorder faults;
  answer = &faults;  // not null
  in_handler = [] { answer = blocks.allocate(); };
  scs(icsr) = 1U << 31;
  asm volatile("dsb\n\tisb" ::: "memory");
  EXPECT_EQ(taken[nmi], 1U);
  EXPECT_EQ(answer, nullptr);
  EXPECT_EQ(faults.count(status::wrong_context), 1U);

  ASSERT_EQ(masked.init(memory), status::ok);
  answer = &faults;
  in_handler = [] { answer = masked.allocate(); };
  scs(icsr) = 1U << 31;
  asm volatile("dsb\n\tisb" ::: "memory");
  EXPECT_EQ(answer, nullptr);
  EXPECT_EQ(faults.count(status::wrong_context), 2U);
  EXPECT_NE(masked.allocate(), nullptr);
  scs(vtor) = before;
}

}  // namespace
