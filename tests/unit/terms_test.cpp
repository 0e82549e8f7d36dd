// SPDX-License-Identifier: MIT
// The terms: arithmetic, layouts, regions, statuses, faults, observers and locks.
#include <gtest/gtest.h>

#include "support/counting_lock.hpp"
#include "support/fault_recorder.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/config.hpp>
#include <acre/detail/bits.hpp>
#include <acre/layout.hpp>
#include <acre/pool.hpp>
#include <acre/region.hpp>
#include <acre/slab.hpp>
#include <acre/stack.hpp>
#include <acre/status.hpp>

namespace acre::test {
namespace {

// --- bits

TEST(bits, powers_and_logarithms_are_right_around_every_power_of_two) {
  EXPECT_FALSE(detail::is_power_of_two(0));
  EXPECT_EQ(detail::ceil_log2(0), 0U);
  EXPECT_EQ(detail::ceil_log2(1), 0U);
  for (unsigned shift = 0; shift < detail::size_bits; ++shift) {
    const size_t power = size_t{1} << shift;
    EXPECT_TRUE(detail::is_power_of_two(power));
    EXPECT_EQ(detail::is_power_of_two(power + 1), shift == 0);
    EXPECT_EQ(detail::floor_log2(power), shift);
    EXPECT_EQ(detail::floor_log2(power | (power - 1)), shift);
    EXPECT_EQ(detail::ceil_log2(power), shift);
    EXPECT_EQ(detail::lowest_bit(power), power);
    EXPECT_EQ(detail::lowest_bit(power | (power << 1)), power);
    if (shift > 1) {
      EXPECT_EQ(detail::ceil_log2(power - 1), shift);
      EXPECT_EQ(detail::floor_log2(power - 1), shift - 1);
    }
    if (shift + 1 < detail::size_bits) {
      EXPECT_EQ(detail::ceil_log2(power + 1), shift + 1);
    }
  }
}

TEST(bits, rounding_reaches_the_nearest_multiple) {
  for (size_t n = 0; n < 300; ++n) {
    for (size_t power = 1; power <= 64; power *= 2) {
      EXPECT_EQ(detail::round_down(n, power), n - n % power);
      EXPECT_EQ(detail::round_up(n, power), (n + power - 1) / power * power);
    }
  }
}

TEST(bits, division_agrees_with_the_operator) {
  random stream;
  for (uint32_t i = 0; i < (on_host ? 200'000U : 2'000U); ++i) {
    const size_t n = stream.next() >> stream.below(32);
    const size_t d = (stream.next() >> stream.below(32)) | 1U;
    EXPECT_EQ(detail::divide(n, d), n / d);
  }
  EXPECT_EQ(detail::divide(SIZE_MAX, 1), SIZE_MAX);
  EXPECT_EQ(detail::divide(SIZE_MAX, SIZE_MAX), 1U);
  EXPECT_EQ(detail::divide(SIZE_MAX - 1, SIZE_MAX), 0U);
}

// The quotient of every multiple, and more than any quotient for every other offset.
void check_divisor(size_t size, size_t offsets) {
  const auto divisor = detail::exact_divisor::of(size);
  const size_t largest = SIZE_MAX / size;
  for (size_t offset = 0; offset < offsets; ++offset) {
    const size_t index = divisor.index(offset);
    const bool right = offset % size == 0 ? index == offset / size : index > largest;
    if (!right) {
      ADD_FAILURE() << offset << " / " << size << " gave " << index;
      return;
    }
  }
}

TEST(bits, exact_divisor_tells_multiples_from_all_else_exhaustively_for_small_sizes) {
  for (size_t size = 1; size <= (on_host ? 600U : 100U); ++size) {
    check_divisor(size, on_host ? 4000 : 800);
  }
}

TEST(bits, exact_divisor_tells_multiples_from_all_else_in_the_whole_range) {
  random stream;
  for (uint32_t i = 0; i < (on_host ? 300'000U : 3'000U); ++i) {
    const size_t size = (stream.next() >> stream.below(31)) | 1U << stream.below(8);
    const auto divisor = detail::exact_divisor::of(size);
    size_t offset = stream.next();
    if constexpr (sizeof(size_t) > 4) {
      offset = (offset << 31 << 1) | stream.next();
    }
    const size_t multiple = offset - offset % size;
    EXPECT_EQ(divisor.index(multiple), multiple / size);
    EXPECT_EQ(divisor.quotient(multiple), multiple / size);
    // Offsets below zero, which are addresses behind the region, too.
    const size_t wrapped = 0 - (offset >> 1) - 1;
    const size_t index = divisor.index(wrapped);
    EXPECT_EQ(index <= SIZE_MAX / size, wrapped % size == 0) << size;
    if (offset % size != 0) {
      EXPECT_GT(divisor.index(offset), SIZE_MAX / size);
    }
  }
}

// --- layout and region

TEST(layout, validity_is_a_power_of_two_and_at_most_half_the_address_space) {
  EXPECT_TRUE((layout{0, 1}.valid()));
  EXPECT_TRUE((layout{SIZE_MAX / 2, SIZE_MAX / 2 + 1}.valid()));
  EXPECT_FALSE((layout{SIZE_MAX / 2 + 1, 1}.valid()));
  EXPECT_FALSE((layout{8, 0}.valid()));
  EXPECT_FALSE((layout{8, 3}.valid()));
  EXPECT_FALSE((layout{8, SIZE_MAX}.valid()));
  static_assert(layout::of<uint32_t>() == layout{4, alignof(uint32_t)});
  static_assert(layout::array_of<uint32_t>(3).size == 12);
  static_assert(layout{}.align == default_alignment);
}

TEST(layout, an_array_that_overflows_is_not_valid) {
  EXPECT_TRUE(layout::array_of<uint32_t>(SIZE_MAX / 8).valid());
  EXPECT_FALSE(layout::array_of<uint32_t>(SIZE_MAX / 8 + 1).valid());
  EXPECT_FALSE(layout::array_of<uint32_t>(SIZE_MAX / 4 + 2).valid());
  EXPECT_FALSE(layout::array_of<uint32_t>(SIZE_MAX).valid());
  EXPECT_TRUE(layout::array_of<uint32_t>(0).valid());
}

TEST(regions, know_what_they_contain_and_where_they_are_aligned) {
  alignas(64) static unsigned char bytes[128];
  const region r{bytes + 1, 100};
  EXPECT_TRUE(r.contains(bytes + 1) && r.contains(bytes + 100));
  EXPECT_FALSE(r.contains(bytes) || r.contains(bytes + 101) || r.contains(nullptr));
  EXPECT_EQ(r.aligned(64).begin, bytes + 64);
  EXPECT_EQ(r.aligned(64).size, 37U);
  EXPECT_EQ(r.aligned(1).size, 100U);
  EXPECT_TRUE((region{bytes + 1, 63}.aligned(64).empty())) << "nothing is left";
  EXPECT_EQ((region{bytes + 1, 64}.aligned(64).size), 1U);
  EXPECT_TRUE(region{}.aligned(8).empty());
  EXPECT_TRUE(region{}.empty() && !region{}.valid());
  EXPECT_FALSE((region{nullptr, 8}.valid()));
  EXPECT_FALSE((region{bytes, 0}.valid()));
  EXPECT_FALSE((region{bytes, SIZE_MAX}.valid()));
  EXPECT_TRUE((region{reinterpret_cast<void*>(UINTPTR_MAX - 7), 8}.valid()))
      << "up to the very last byte";
  EXPECT_FALSE((region{reinterpret_cast<void*>(UINTPTR_MAX - 7), 9}.valid()));
}

TEST(regions, come_from_statics_and_linker_symbols) {
  static static_region<100, 32> bytes;
  const region r = bytes;
  EXPECT_EQ(r.begin, &bytes);
  EXPECT_EQ(r.size, 100U);
  EXPECT_EQ(r.address() % 32, 0U);
  static_assert(static_region<100>::size() == 100);
  EXPECT_EQ(linker_region(bytes.bytes, bytes.bytes + 60).size, 60U);
  EXPECT_TRUE(linker_region(bytes.bytes + 60, bytes.bytes).empty());
  EXPECT_TRUE(linker_region(bytes.bytes, bytes.bytes).empty());
}

// --- status and fault

TEST(statuses, have_texts_where_the_build_wants_them) {
  for (unsigned code = 0; code <= static_cast<unsigned>(status::corrupted); ++code) {
    const char* text = to_string(static_cast<status>(code));
    ASSERT_NE(text, nullptr);
    EXPECT_EQ(text[0] != '\0', config::fault_text);
    for (unsigned other = 0; other < code && config::fault_text; ++other) {
      EXPECT_STRNE(text, to_string(static_cast<status>(other)));
    }
  }
  if constexpr (config::fault_text) {
    EXPECT_STREQ(to_string(status::double_free), "double_free");
    EXPECT_STREQ(to_string(static_cast<status>(200)), "unknown status");
  }
}

TEST(statuses, of_misuse_are_those_that_raise_a_fault) {
  constexpr status misuse[] = {status::double_free,      status::foreign_pointer,
                               status::interior_pointer, status::misaligned_pointer,
                               status::wrong_size,       status::out_of_order};
  for (const status code : misuse) {
    EXPECT_TRUE(is_misuse(code));
  }
  constexpr status others[] = {status::ok,
                               status::exhausted,
                               status::not_initialised,
                               status::invalid_argument,
                               status::region_too_small,
                               status::region_too_large,
                               status::corrupted};
  for (const status code : others) {
    EXPECT_FALSE(is_misuse(code));
  }
}

unsigned told_first = 0;
unsigned told_second = 0;

TEST(fault_hook, is_replaced_and_returned) {
  const auto first = [](const fault&) noexcept { ++told_first; };
  const auto second = [](const fault&) noexcept { ++told_second; };
  told_first = told_second = 0;
  static static_region<256> bytes;
  static pool<16, policies<no_lock, checks_basic, no_observer>> a;
  ASSERT_EQ(a.init(bytes), status::ok);
  const fault_hook original = set_fault_hook(first);
  EXPECT_EQ(a.deallocate(hidden(&a)), status::foreign_pointer);
  EXPECT_EQ(set_fault_hook(second), +first);
  EXPECT_EQ(a.deallocate(hidden(&a)), status::foreign_pointer);
  EXPECT_EQ(set_fault_hook(nullptr), +second);
  EXPECT_EQ(a.deallocate(hidden(&a)), status::foreign_pointer)
      << "without a hook it is refused all the same";
  EXPECT_EQ(told_first, 1U);
  EXPECT_EQ(told_second, 1U);
  set_fault_hook(original);
}

TEST(fault_hook, is_told_the_address_the_allocator_and_the_call_site) {
  fault_recorder faults;
  static static_region<256> bytes;
  static pool<16, policies<no_lock, checks_basic, no_observer>> a;
  ASSERT_EQ(a.init(bytes), status::ok);
  int elsewhere = 0;
  EXPECT_EQ(a.deallocate(hidden(&elsewhere)), status::foreign_pointer);
  EXPECT_EQ(faults.last().code, status::foreign_pointer);
  EXPECT_EQ(faults.last().address, &elsewhere);
  EXPECT_TRUE((region{&a, sizeof a}.contains(faults.last().allocator)));
  EXPECT_NE(faults.last().call_site, nullptr);
  EXPECT_EQ(faults.total(), 1U);
}

// --- observers

TEST(counters, follow_what_is_in_use_and_its_peak) {
  usage_counters c;
  c.on_allocate(10);
  c.on_allocate(20);
  c.on_deallocate(10);
  c.on_allocate(5);
  EXPECT_EQ(c.read().bytes_in_use, 25U);
  EXPECT_EQ(c.read().blocks_in_use, 2U);
  EXPECT_EQ(c.read().bytes_peak, 30U);
  EXPECT_EQ(c.read().blocks_peak, 2U);
  c.on_usage(3, 1);
  EXPECT_EQ(c.read().bytes_in_use, 3U);
  EXPECT_EQ(c.read().bytes_peak, 30U);
  c.on_exhausted(100);
  c.on_exhausted(50);
  EXPECT_EQ(c.read().exhausted_count, 2U);
  EXPECT_EQ(c.read().largest_exhausted_bytes, 100U);
  c.on_refused();
  EXPECT_EQ(c.read().refused_count, 1U);
}

TEST(counters, take_no_room_where_nothing_is_watched) {
  using plain = policies<no_lock, checks_none, no_observer>;
  static_assert(sizeof(pool<16, plain>) == 4 * sizeof(void*));
  static_assert(sizeof(pool<16, policies<no_lock, checks_basic, no_observer>>) ==
                4 * sizeof(void*));
  static_assert(sizeof(pool<16, policies<no_lock, checks_none, usage_counters>>) ==
                11 * sizeof(void*));
}

static_region<1024> counted_bytes;

TEST(counters, of_an_allocator_say_what_failed_and_what_was_refused) {
  fault_recorder faults;
  static buddy<16, policies<no_lock, checks_basic, usage_counters>> a;
  ASSERT_EQ(a.init(counted_bytes), status::ok);
  void* p = a.allocate(100);
  EXPECT_EQ(a.observer().read().bytes_in_use, 128U);
  EXPECT_EQ(a.allocate(4000), nullptr);
  EXPECT_EQ(a.allocate(3000), nullptr);
  EXPECT_EQ(a.deallocate(hidden(&faults), 100), status::foreign_pointer);
  EXPECT_EQ(a.deallocate(p, 100), status::ok);
  EXPECT_EQ(a.deallocate(p, 100), status::double_free);
  EXPECT_EQ(a.deallocate(nullptr, 100), status::ok);
  EXPECT_EQ(a.observer().read().bytes_in_use, 0U);
  EXPECT_EQ(a.observer().read().blocks_in_use, 0U);
  EXPECT_EQ(a.observer().read().bytes_peak, 128U);
  EXPECT_EQ(a.observer().read().exhausted_count, 2U);
  EXPECT_EQ(a.observer().read().largest_exhausted_bytes, 4000U);
  EXPECT_EQ(a.observer().read().refused_count, 2U);
}

// --- locks

struct locked {
  uint32_t before = counting_lock::taken;
  /// True iff exactly one lock was taken since, and none is held.
  bool once() {
    const uint32_t taken = counting_lock::taken - before;
    before = counting_lock::taken;
    return taken == 1 && counting_lock::held == 0;
  }
};

template <class A>
void expect_one_lock_a_call(A& a) {
  fault_recorder faults;
  counting_lock::nested = 0;
  locked now;
  static_cast<void>(a.init(counted_bytes));
  now = {};
  void* p = a.allocate(layout{16, 8});
  EXPECT_TRUE(now.once());
  ASSERT_NE(p, nullptr);
  EXPECT_EQ(a.allocate(layout{5000, 8}), nullptr);
  EXPECT_TRUE(now.once()) << "on exhaustion";
  EXPECT_TRUE(is_misuse(a.deallocate(hidden(&faults), layout{16, 8})));
  EXPECT_TRUE(now.once()) << "on refusal";
  EXPECT_EQ(a.deallocate(nullptr, layout{16, 8}), status::ok);
  EXPECT_TRUE(now.once()) << "on null";
  EXPECT_EQ(a.deallocate(p, layout{16, 8}), status::ok);
  EXPECT_TRUE(now.once());
  static_cast<void>(a.usage());
  EXPECT_TRUE(now.once());
  static_cast<void>(a.largest_free());
  EXPECT_TRUE(now.once());
  static_cast<void>(a.owns(p));
  EXPECT_EQ(now.once(), !A::engine_type::bounds_are_fixed);
  static_cast<void>(a.validate());
  EXPECT_TRUE(now.once());
  if constexpr (requires { a.reset(); }) {
    a.reset();
    EXPECT_TRUE(now.once());
    const auto position = a.mark();
    EXPECT_TRUE(now.once());
    EXPECT_EQ(a.release_to(position), status::ok);
    EXPECT_TRUE(now.once());
  }
  if constexpr (requires { a.is_live(p, layout{16, 8}); }) {
    static_cast<void>(a.is_live(p, layout{16, 8}));
    EXPECT_TRUE(now.once());
  }
  static_cast<void>(a.observer());
  EXPECT_EQ(counting_lock::held, 0U);
  EXPECT_EQ(counting_lock::nested, 0U);
}

using locking = policies<counting_lock, checks_basic, no_observer>;

TEST(locks, are_taken_once_by_each_call_and_released_on_every_path) {
  static pool<16, locking> a;
  static arena<locking> b;
  static stack<locking> c;
  static buddy<16, locking> d;
  static slab<size_classes<16, 32>, locking, 512> e;
  expect_one_lock_a_call(a);
  expect_one_lock_a_call(b);
  expect_one_lock_a_call(c);
  expect_one_lock_a_call(d);
  expect_one_lock_a_call(e);
  locked now;
  ASSERT_EQ(a.init(counted_bytes), status::ok);
  EXPECT_TRUE(now.once());
  void* p = a.allocate();
  EXPECT_TRUE(now.once());
  EXPECT_EQ(a.deallocate(p), status::ok);
  EXPECT_TRUE(now.once());
  EXPECT_EQ(a.deallocate(p), status::double_free);
  EXPECT_TRUE(now.once());
  a.for_each_live([](void*) {});
  EXPECT_TRUE(now.once());
}

}  // namespace
}  // namespace acre::test
