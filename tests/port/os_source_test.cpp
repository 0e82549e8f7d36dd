// SPDX-License-Identifier: MIT
// os_source: what it promises for every way of getting memory, and what each option adds.
#include <gtest/gtest.h>
#include <string.h>

#include <acre/port/os_source.hpp>

#include "os_source_cases.hpp"
#include "support/failing_os.hpp"
#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

namespace acre::test {
namespace {

using native = port::native_memory;
using counted = failing_os<native>;
using source_type = basic_os_source<counted>;

class OsSource : public seeded_test, public ::testing::WithParamInterface<os_case> {
 protected:
  void SetUp() override {
    counted::start();
  }
  void TearDown() override {
    EXPECT_EQ(source.validate(), status::ok);
    source.trim();
    EXPECT_EQ(source.accounts(), os_accounts{});
    EXPECT_EQ(counted::bytes_out, 0U);
    EXPECT_EQ(counted::reservations_out, 0U);
  }

  source_type source{GetParam().options};
};

INSTANTIATE_TEST_SUITE_P(Options, OsSource, ::testing::ValuesIn(os_cases), os_case_name);

TEST_P(OsSource, gives_a_region_that_can_be_written_to_the_last_byte) {
  const region memory = source.acquire(100'000);
  ASSERT_FALSE(memory.empty());
  EXPECT_GE(memory.size, 100'000U);
  EXPECT_EQ(memory.size % native::page_bytes(), 0U);
  EXPECT_EQ(memory.address() % native::page_bytes(), 0U);
  if (GetParam().options.alignment != 0) {
    EXPECT_EQ(memory.address() % GetParam().options.alignment, 0U);
  }
  memset(memory.begin, 0xA5, memory.size);
  EXPECT_EQ(source.accounts().in_use, memory.size);
  EXPECT_EQ(source.accounts().regions, 1U);
  source.release(memory);
  EXPECT_EQ(source.accounts().in_use, 0U);
}

TEST_P(OsSource, new_regions_hold_zeros) {
  const region memory = source.acquire(1);
  ASSERT_FALSE(memory.empty());
  const auto* bytes = static_cast<const unsigned char*>(memory.begin);
  size_t others = 0;
  for (size_t i = 0; i < memory.size; ++i) {
    others += bytes[i] != 0 ? 1U : 0U;
  }
  EXPECT_EQ(others, 0U);
  source.release(memory);
}

TEST_P(OsSource, a_size_of_zero_is_served_as_one) {
  const region memory = source.acquire(0);
  EXPECT_FALSE(memory.empty());
  source.release(memory);
}

TEST_P(OsSource, refuses_sizes_that_no_address_space_has) {
  // A 32-bit process may well have a quarter of its addresses.
  const size_t quarter = SIZE_MAX / 4 + (sizeof(void*) == 4 ? 1 : 0);
  for (const size_t bytes :
       {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 4 + 1, quarter}) {
    EXPECT_TRUE(source.acquire(bytes).empty());
    EXPECT_NE(source.last_failure().operation, os_operation::none);
    EXPECT_NE(source.last_failure().code, 0);
    source.forget_failure();
  }
  EXPECT_EQ(source.accounts().in_use, 0U);
  const region memory = source.acquire(1);
  EXPECT_FALSE(memory.empty());
  source.release(memory);
}

TEST_P(OsSource, granularity_is_what_it_rounds_up_to) {
  const size_t unit = source.granularity();
  EXPECT_GE(unit, GetParam().options.granularity);
  const region one = source.acquire(unit);
  const region two = source.acquire(unit + 1);
  EXPECT_EQ(one.size, unit);
  EXPECT_EQ(two.size, 2 * unit);
  source.release(one);
  source.release(two);
}

TEST_P(OsSource, a_region_that_is_not_its_own_is_refused) {
  const fault_recorder recorder;
  region memory = source.acquire(3 * source.granularity());
  ASSERT_FALSE(memory.empty());
  memset(memory.begin, 0x5A, memory.size);
  auto* const begin = static_cast<unsigned char*>(memory.begin);
  char foreign[64];

  source.release({});
  EXPECT_EQ(recorder.total(), 0U);
  source.release({foreign, sizeof(foreign)});
  source.release({begin - 2 * native::page_bytes(), memory.size});
  source.release({begin + memory.size + 64 * mib, memory.size});
  EXPECT_EQ(recorder.total(), 3U);
  source.release({begin + 1, memory.size - 1});
  source.release({begin + native::page_bytes(), memory.size - native::page_bytes()});
  EXPECT_EQ(recorder.count(status::interior_pointer), 2U);
  source.release({begin, memory.size - 1});
  source.release({begin, memory.size + 1});
  source.release({begin, 0});
  source.release({begin, SIZE_MAX});
  EXPECT_EQ(recorder.count(status::wrong_size), 4U);
  EXPECT_EQ(recorder.total(), 9U);

  EXPECT_EQ(source.accounts().in_use, memory.size);  // nothing was harmed
  EXPECT_EQ(begin[memory.size - 1], 0x5A);
  source.release(memory);
  EXPECT_EQ(recorder.total(), 9U);
  source.release(memory);  // whether it is kept, or unmapped and so unknown
  EXPECT_EQ(recorder.total(), 10U);
  EXPECT_EQ(recorder.count(status::double_free) + recorder.count(status::foreign_pointer), 4U);
}

TEST_P(OsSource, regions_do_not_overlap_and_keep_their_contents_in_any_order) {
  random choose;
  constexpr size_t slots = 40;
  struct held {
    region memory;
    uint32_t tag;
  } all[slots] = {};
  size_t bytes = 0;
  for (uint32_t step = 1; step <= 600; ++step) {
    held& slot = all[choose.below(slots)];
    if (slot.memory.empty()) {
      const size_t wanted = (size_t{1} + choose.below(4)) * source.granularity();
      slot.memory = source.acquire(wanted - choose.below(100));
      ASSERT_FALSE(slot.memory.empty()) << "step " << step;
      ASSERT_GE(slot.memory.size, wanted);
      slot.tag = step;
      // The ends of the region; all of it would make the test slow.
      fill_pattern(slot.memory.begin, 256, step);
      fill_pattern(static_cast<unsigned char*>(slot.memory.begin) + slot.memory.size - 256, 256,
                   ~step);
      bytes += slot.memory.size;
    } else {
      EXPECT_TRUE(holds_pattern(slot.memory.begin, 256, slot.tag));
      EXPECT_TRUE(holds_pattern(
          static_cast<unsigned char*>(slot.memory.begin) + slot.memory.size - 256, 256, ~slot.tag));
      bytes -= slot.memory.size;
      source.release(slot.memory);
      slot = {};
    }
    ASSERT_EQ(source.validate(), status::ok) << "step " << step;
    const os_accounts accounts = source.accounts();
    ASSERT_EQ(accounts.in_use, bytes);
    ASSERT_EQ(accounts.committed, accounts.in_use + accounts.kept + accounts.idle);
    ASSERT_LE(accounts.kept, GetParam().options.keep_bytes);
    ASSERT_EQ(accounts.reserved + accounts.metadata, counted::bytes_out);
  }
  for (held& slot : all) {
    source.release(slot.memory);
  }
}

TEST_P(OsSource, everything_goes_back_when_the_last_region_does_unless_it_is_kept) {
  region all[20];
  for (region& each : all) {
    each = source.acquire(1);
    ASSERT_FALSE(each.empty());
  }
  for (const region& each : all) {
    source.release(each);
  }
  if (GetParam().options.keep_bytes == 0 &&
      GetParam().options.give_back == give_back::address_space) {
    EXPECT_EQ(source.accounts(), os_accounts{});
    EXPECT_EQ(counted::bytes_out, 0U);
  }
}

// What one option does.

TEST(OsSourceOptions, contradictions_are_refused) {
  os_source source;
  const fault_recorder recorder;
  EXPECT_EQ(source.configure({.alignment = 3}), status::invalid_argument);
  EXPECT_EQ(source.configure({.alignment = SIZE_MAX}), status::invalid_argument);
  EXPECT_EQ(source.configure({.alignment = SIZE_MAX / 2 + 1}), status::invalid_argument);
  EXPECT_EQ(source.configure({.reserve_bytes = SIZE_MAX}), status::invalid_argument);
  EXPECT_EQ(source.configure({.commit_step = 4096}), status::invalid_argument);
  EXPECT_EQ(source.configure({.reserve_bytes = mib, .commit_step = SIZE_MAX}),
            status::invalid_argument);
  EXPECT_EQ(source.configure({.reserve_bytes = mib, .commit_step = 1, .guard_pages = true}),
            status::invalid_argument);
  EXPECT_EQ(source.configure({.pages = port::page_kind::explicit_huge, .guard_pages = true}),
            status::invalid_argument);
  EXPECT_EQ(source.configure({.reserve_bytes = mib, .pages = port::page_kind::explicit_huge}),
            status::invalid_argument);
  EXPECT_EQ(source.configure({.granularity = 0}), status::ok);
  EXPECT_GE(source.granularity(), native::page_bytes());
  EXPECT_EQ(source.configure({.granularity = SIZE_MAX}), status::invalid_argument);
}

TEST(OsSourceOptions, a_source_made_with_contradictions_gives_nothing_and_says_why) {
  os_source source(os_options{.alignment = 5});
  EXPECT_TRUE(source.acquire(1).empty());
  EXPECT_EQ(source.last_failure().operation, os_operation::options);
  EXPECT_EQ(source.accounts(), os_accounts{});
}

TEST(OsSourceOptions, cannot_change_while_there_is_address_space) {
  os_source source;
  const region memory = source.acquire(1);
  EXPECT_EQ(source.configure({.guard_pages = true}), status::invalid_argument);
  source.release(memory);
  EXPECT_EQ(source.configure({.guard_pages = true}), status::ok);
}

TEST(OsSourceOptions, is_constant_initialised) {
  static constinit os_source source(os_options{.granularity = 4096, .name = "static"});
  const region memory = source.acquire(1);
  EXPECT_FALSE(memory.empty());
  source.release(memory);
}

uint64_t now = 0;
uint32_t asked = 0;
uint64_t test_clock() noexcept {
  ++asked;
  return now;
}

TEST(OsSourceKeeps, a_kept_region_is_given_again_without_a_call) {
  counted::start();
  source_type source(os_options{.granularity = 64 * kib, .keep_bytes = mib});
  const region first = source.acquire(1);
  static_cast<unsigned char*>(first.begin)[0] = 1;
  source.release(first);
  EXPECT_EQ(source.accounts().kept, first.size);
  const uint32_t before = counted::calls;
  for (int i = 0; i < 1000; ++i) {
    const region again = source.acquire(64 * kib);
    EXPECT_EQ(again.begin, first.begin);
    source.release(again);
  }
  EXPECT_EQ(counted::calls, before);
  EXPECT_EQ(source.trim(), 2 * first.size);
  EXPECT_EQ(counted::bytes_out, 0U);
}

TEST(OsSourceKeeps, no_more_than_the_budget_and_the_oldest_goes_first) {
  counted::start();
  now = 0;
  source_type source(os_options{
      .granularity = 64 * kib, .keep_bytes = 128 * kib, .keep_ms = 1000, .clock = test_clock});
  region all[3];
  for (region& each : all) {
    each = source.acquire(1);
  }
  for (const region& each : all) {
    ++now;
    source.release(each);
    EXPECT_LE(source.accounts().kept, 128 * kib);
  }
  EXPECT_EQ(counted::releases, 1U);
  const region a = source.acquire(1);
  const region b = source.acquire(1);
  EXPECT_NE(a.begin, all[0].begin);
  EXPECT_NE(b.begin, all[0].begin);
  source.release(a);
  source.release(b);
  source.release(source.acquire(129 * kib));  // larger than what may be kept
  EXPECT_LE(source.accounts().kept, 128 * kib);
  source.trim();
  EXPECT_EQ(counted::bytes_out, 0U);
}

TEST(OsSourceKeeps, no_longer_than_the_decay_and_the_clock_is_not_asked_by_acquire) {
  counted::start();
  now = 10;
  asked = 0;
  source_type source(
      os_options{.granularity = 64 * kib, .keep_bytes = mib, .keep_ms = 1000, .clock = test_clock});
  const region a = source.acquire(1);
  const region b = source.acquire(1);
  EXPECT_EQ(asked, 0U);
  source.release(a);
  EXPECT_EQ(asked, 1U);
  now = 1009;
  EXPECT_EQ(source.trim_expired(), 0U);
  EXPECT_EQ(source.accounts().kept, a.size);
  asked = 0;
  const region again = source.acquire(1);
  EXPECT_EQ(asked, 0U);
  source.release(again);  // young again
  now = 2008;
  EXPECT_EQ(source.trim_expired(), 0U);
  now = 2009;
  source.release(b);  // the other one is 1000 ms old now
  EXPECT_EQ(source.accounts().kept, b.size);
  now = 3009;
  EXPECT_EQ(source.trim_expired(), b.size);
  EXPECT_EQ(counted::bytes_out, 0U);
}

TEST(OsSourceKeeps, nothing_is_asked_of_a_clock_where_nothing_decays) {
  asked = 0;
  source_type source(os_options{.keep_bytes = mib, .clock = test_clock});
  source.release(source.acquire(1));
  EXPECT_EQ(source.trim_expired(), 0U);
  EXPECT_EQ(asked, 0U);
  source.trim();
}

TEST(OsSourceKeeps, a_large_kept_region_serves_several_small_requests) {
  counted::start();
  source_type source(os_options{.granularity = 64 * kib, .keep_bytes = mib});
  source.release(source.acquire(512 * kib));
  const uint32_t before = counted::calls;
  region all[8];
  for (region& each : all) {
    each = source.acquire(64 * kib);
  }
  EXPECT_EQ(counted::calls - before, 1U);  // the table has outgrown the object, and that is all
  EXPECT_EQ(source.accounts().reservations, 1U);
  for (const region& each : all) {
    source.release(each);
  }
  source.trim();
  EXPECT_EQ(counted::bytes_out, 0U);
}

TEST(OsSourceKeeps, what_is_kept_makes_room_when_the_system_refuses) {
  counted::start();
  source_type source(os_options{.granularity = 64 * kib, .keep_bytes = mib});
  source.release(source.acquire(256 * kib));
  counted::start(1);  // the next call fails
  const region memory = source.acquire(512 * kib);
  EXPECT_FALSE(memory.empty());
  EXPECT_EQ(source.accounts().kept, 0U);
  EXPECT_EQ(source.last_failure().operation, os_operation::map);
  EXPECT_EQ(source.last_failure().code, counted::planted);
  source.release(memory);
  source.trim();
  EXPECT_EQ(counted::bytes_out, 0U);
}

TEST(OsSourceReserves, one_reservation_and_a_commit_for_each_step) {
  counted::start();
  source_type source(
      os_options{.granularity = 64 * kib, .reserve_bytes = 64 * mib, .commit_step = mib});
  region all[32];
  for (region& each : all) {
    each = source.acquire(1);
    ASSERT_EQ(each.size, 64 * kib);
  }
  EXPECT_EQ(counted::reserves, 1U);
  EXPECT_EQ(counted::commits, 2U);
  for (size_t i = 1; i < 32; ++i) {
    EXPECT_EQ(all[i].address(), all[0].address() + i * 64 * kib);  // upwards, side by side
  }
  const os_accounts accounts = source.accounts();
  EXPECT_EQ(accounts.reserved, 64 * mib);
  EXPECT_EQ(accounts.committed, 2 * mib);
  EXPECT_EQ(accounts.in_use, 2 * mib);
  EXPECT_EQ(accounts.reservations, 1U);
  for (const region& each : all) {
    source.release(each);
  }
  EXPECT_EQ(source.accounts(), os_accounts{});
  EXPECT_EQ(counted::bytes_out, 0U);
}

TEST(OsSourceReserves, a_request_larger_than_a_reservation_gets_one_of_its_size) {
  source_type source(os_options{.granularity = 64 * kib, .reserve_bytes = mib});
  const region small = source.acquire(1);
  const region large = source.acquire(8 * mib);
  EXPECT_EQ(large.size, 8 * mib);
  EXPECT_EQ(source.accounts().reserved, 9 * mib);
  source.release(small);
  source.release(large);
}

TEST(OsSourceReserves, a_reservation_that_is_refused_is_made_as_small_as_needed) {
  counted::start(1);
  source_type source(os_options{.granularity = 64 * kib, .reserve_bytes = 64 * mib});
  const region memory = source.acquire(1);
  EXPECT_FALSE(memory.empty());
  EXPECT_EQ(source.accounts().reserved, 64 * kib);
  source.release(memory);
  EXPECT_EQ(counted::bytes_out, 0U);
}

TEST(OsSourceReserves, a_commit_ahead_that_is_refused_becomes_one_of_what_is_needed) {
  counted::start(2);
  source_type source(
      os_options{.granularity = 64 * kib, .reserve_bytes = 64 * mib, .commit_step = mib});
  const region memory = source.acquire(1);
  EXPECT_FALSE(memory.empty());
  EXPECT_EQ(source.accounts().committed, 64 * kib);
  source.release(memory);
  EXPECT_EQ(counted::bytes_out, 0U);
}

TEST(OsSourceLimit, is_never_exceeded_and_what_is_kept_makes_room) {
  for (const os_options& options :
       {os_options{.keep_bytes = mib}, os_options{.reserve_bytes = 8 * mib, .keep_bytes = mib},
        os_options{.reserve_bytes = 8 * mib, .commit_step = 768 * kib},
        os_options{.reserve_bytes = 8 * mib, .guard_pages = true},
        os_options{.give_back = give_back::memory}}) {
    os_options limited = options;
    limited.limit_bytes = mib;
    counted::start();
    source_type source(limited);
    for (int round = 0; round < 3; ++round) {
      region all[20] = {};
      size_t served = 0;
      for (region& each : all) {
        each = source.acquire(64 * kib);
        EXPECT_LE(source.accounts().committed, mib);
        EXPECT_EQ(source.validate(), status::ok);
        served += each.empty() ? 0U : 1U;
      }
      EXPECT_EQ(served, 16U);
      EXPECT_EQ(source.last_failure().operation, os_operation::limit);
      for (const region& each : all) {
        source.release(each);
      }
      const region whole = source.acquire(mib);  // of another size than what is kept
      EXPECT_FALSE(whole.empty());
      EXPECT_TRUE(source.acquire(1).empty());
      source.release(whole);
      EXPECT_TRUE(source.acquire(mib + 1).empty());
    }
    source.trim();
    EXPECT_EQ(source.accounts(), os_accounts{});
    EXPECT_EQ(counted::bytes_out, 0U);
  }
}

TEST(OsSourceAccounts, resident_is_what_was_written_to) {
  os_source source(os_options{.granularity = mib});
  const region memory = source.acquire(mib);
  size_t before = 0;
  ASSERT_EQ(source.resident(before), status::ok);
  const size_t page = native::page_bytes();
  for (size_t i = 0; i < 10; ++i) {
    static_cast<volatile unsigned char*>(memory.begin)[i * 3 * page] = 1;
  }
  size_t after = 0;
  ASSERT_EQ(source.resident(after), status::ok);
  EXPECT_EQ(after - before, 10 * page);
  source.release(memory);
  ASSERT_EQ(source.resident(after), status::ok);
  EXPECT_EQ(after, 0U);
}

TEST(OsSourceAccounts, prefaulted_regions_are_resident) {
  if (emulated != nullptr) {
    GTEST_SKIP() << emulated;
  }
  os_source source(os_options{.granularity = mib, .prefault = true});
  const region memory = source.acquire(mib);
  size_t bytes = 0;
  ASSERT_EQ(source.resident(bytes), status::ok);
  EXPECT_EQ(bytes, mib);
  source.release(memory);
}

TEST(OsSourceAccounts, resident_says_so_when_the_system_does_not_answer) {
  source_type source;
  const region memory = source.acquire(1);
  counted::start(1);
  size_t bytes = 1;
  EXPECT_EQ(source.resident(bytes), status::exhausted);
  source.release(memory);
}

TEST(OsSourcePages, say_what_they_became) {
  for (const auto wanted : {port::page_kind::normal, port::page_kind::transparent_huge,
                            port::page_kind::explicit_huge}) {
    os_source source(os_options{.granularity = 2 * mib, .pages = wanted});
    const region memory = source.acquire(1);
    ASSERT_FALSE(memory.empty());
    const port::page_kind became = source.pages_of(memory.begin);
    EXPECT_LE(became, wanted);
    if (wanted == port::page_kind::transparent_huge && native::huge_page_bytes(wanted) != 0) {
      EXPECT_EQ(became, wanted);
      EXPECT_EQ(memory.address() % native::huge_page_bytes(wanted), 0U);
    }
    memset(memory.begin, 1, memory.size);
    EXPECT_EQ(source.pages_of(static_cast<char*>(memory.begin) + memory.size - 1), became);
    source.release(memory);
    EXPECT_EQ(source.pages_of(memory.begin), port::page_kind::normal);
  }
  os_source empty;
  EXPECT_EQ(empty.pages_of(nullptr), port::page_kind::normal);
}

}  // namespace
}  // namespace acre::test
