// SPDX-License-Identifier: MIT
// Atomic operations of one, two and four bytes, on every core: from instructions, or from
// platform/bare_metal/atomic.cpp where there are none.
#include <gtest/gtest.h>

#include <stdint.h>

#include <acre/platform/counter.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq.hpp>

namespace {

namespace platform = acre::platform;

// The object under test lies between two others of its kind, which no operation may touch.
template <class T>
struct neighbours {
  T below = static_cast<T>(~T{0});
  T value = 0;
  T above = static_cast<T>(~T{0});

  [[nodiscard]] bool untouched() const {
    return below == static_cast<T>(~T{0}) && above == static_cast<T>(~T{0});
  }
};

template <class T>
class atomics : public ::testing::Test {};

using sizes = ::testing::Types<uint8_t, uint16_t, uint32_t>;
TYPED_TEST_SUITE(atomics, sizes);

// As in firmware, the object is in memory: not a local that the compiler knows to be unshared.
template <class T>
constinit neighbours<T> shared;

template <class T>
T* fresh(T value) {
  shared<T> = {};
  shared<T>.value = value;
  asm volatile("" ::: "memory");
  return &shared<T>.value;
}

TYPED_TEST(atomics, exchange_stores_and_returns_what_was_there) {
  TypeParam* const object = fresh<TypeParam>(17);
  EXPECT_EQ(__atomic_exchange_n(object, TypeParam{250}, __ATOMIC_SEQ_CST), 17);
  EXPECT_EQ(*object, 250);
  EXPECT_TRUE(shared<TypeParam>.untouched());
}

TYPED_TEST(atomics, compare_exchange_stores_iff_equal) {
  TypeParam* const object = fresh<TypeParam>(17);
  TypeParam expected = 18;
  EXPECT_FALSE(__atomic_compare_exchange_n(object, &expected, TypeParam{99}, false,
                                           __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
  EXPECT_EQ(expected, 17);
  EXPECT_EQ(*object, 17);
  EXPECT_TRUE(__atomic_compare_exchange_n(object, &expected, TypeParam{99}, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
  EXPECT_EQ(expected, 17);
  EXPECT_EQ(*object, 99);
  EXPECT_TRUE(shared<TypeParam>.untouched());
}

TYPED_TEST(atomics, arithmetic_wraps_and_returns_what_was_there) {
  const auto top = static_cast<TypeParam>(~TypeParam{0});
  TypeParam* const object = fresh<TypeParam>(top);
  EXPECT_EQ(__atomic_fetch_add(object, TypeParam{3}, __ATOMIC_SEQ_CST), top);
  EXPECT_EQ(__atomic_fetch_sub(object, TypeParam{3}, __ATOMIC_SEQ_CST), 2);
  EXPECT_EQ(__atomic_fetch_and(object, TypeParam{0x3C}, __ATOMIC_SEQ_CST), top);
  EXPECT_EQ(__atomic_fetch_or(object, TypeParam{0x03}, __ATOMIC_SEQ_CST), 0x3C);
  EXPECT_EQ(__atomic_fetch_xor(object, TypeParam{0x3E}, __ATOMIC_SEQ_CST), 0x3F);
  EXPECT_EQ(*object, 0x01);
  EXPECT_TRUE(shared<TypeParam>.untouched());
}

TYPED_TEST(atomics, leave_interrupts_as_they_were) {
  TypeParam* const object = fresh<TypeParam>(0);
  __atomic_fetch_add(object, TypeParam{1}, __ATOMIC_SEQ_CST);
  EXPECT_TRUE(platform::irq_enabled());
  const platform::irq_state state = platform::irq_disable();
  __atomic_fetch_add(object, TypeParam{1}, __ATOMIC_SEQ_CST);
  EXPECT_FALSE(platform::irq_enabled());
  platform::irq_restore(state);
}

// --- an interrupt at each instruction

volatile bool taken;

template <class T, void (*Add)()>
unsigned lost_updates() {
  unsigned lost = 0;
  for (uint32_t k = 1; k <= 200; ++k) {
    fresh<T>(0);
    taken = false;
    platform::arm_interrupt(k);
    Add();
    const uint32_t begin = platform::ticks();
    while (!taken && platform::ticks() - begin < 100000) {
    }
    EXPECT_TRUE(taken) << "k is " << k;
    lost += shared<T>.value == 2 ? 0 : 1;
  }
  return lost;
}

template <class T>
[[gnu::noinline]] void add_atomically() {
  __atomic_fetch_add(&shared<T>.value, T{1}, __ATOMIC_SEQ_CST);
}

template <class T>
[[gnu::noinline]] void add_plainly() {
  auto& value = const_cast<volatile T&>(shared<T>.value);
  value = static_cast<T>(value + 1);
}

TYPED_TEST(atomics, lose_nothing_to_an_interrupt_at_any_instruction) {
  if (!platform::counts_instructions) {
    GTEST_SKIP() << "this platform has no timer interrupt";
  }
  platform::set_interrupt_handler([]() noexcept {
    add_atomically<TypeParam>();
    taken = true;
  });
  EXPECT_EQ((lost_updates<TypeParam, add_atomically<TypeParam>>()), 0U);
  EXPECT_TRUE(shared<TypeParam>.untouched());
  // And the interrupts did come in between: without atomics some are lost.
  EXPECT_GT((lost_updates<TypeParam, add_plainly<TypeParam>>()), 0U);
  platform::set_interrupt_handler(nullptr);
}

}  // namespace
