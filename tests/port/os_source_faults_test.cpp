// SPDX-License-Identifier: MIT
// os_source under a system that refuses: the n-th call fails, for n = 1, 2, 3, ... until a whole scenario
// meets no failure any more; and then from the n-th on all of them. Nothing may be lost, the failure must be
// told, and the source must work again afterwards.
#include <gtest/gtest.h>

#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/pool.hpp>
#include <acre/port/os_source.hpp>

#include "os_source_cases.hpp"
#include "support/failing_os.hpp"
#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"

namespace acre::test {
namespace {

using failing = failing_os<port::native_memory>;
using source_type = basic_os_source<failing>;

constexpr uint32_t give_up = 10'000;  // no scenario has so many calls

/// Acquires and releases so that each kind of call comes up. Returns how many acquires were refused.
uint32_t scenario(source_type& source) {
  constexpr size_t count = 12;
  region all[count] = {};
  uint32_t refused = 0;
  const auto acquire = [&](size_t i, size_t bytes) {
    source.forget_failure();
    all[i] = source.acquire(bytes);
    if (all[i].empty()) {
      ++refused;
      EXPECT_EQ(source.last_failure().code, failing::planted);
      EXPECT_NE(source.last_failure().operation, os_operation::none);
    } else {
      EXPECT_GE(all[i].size, bytes);
      fill_pattern(all[i].begin, 64, static_cast<uint32_t>(i));
      fill_pattern(static_cast<unsigned char*>(all[i].begin) + all[i].size - 64, 64,
                   static_cast<uint32_t>(i));
    }
    EXPECT_EQ(source.validate(), status::ok);
  };
  const auto release = [&](size_t i) {
    if (!all[i].empty()) {
      EXPECT_TRUE(holds_pattern(all[i].begin, 64, static_cast<uint32_t>(i)));
      EXPECT_TRUE(holds_pattern(static_cast<unsigned char*>(all[i].begin) + all[i].size - 64, 64,
                                static_cast<uint32_t>(i)));
    }
    source.release(all[i]);
    all[i] = {};
    EXPECT_EQ(source.validate(), status::ok);
  };
  for (size_t i = 0; i < count; ++i) {
    acquire(i, (1 + i % 3) * 64 * kib);
  }
  for (size_t i = 0; i < count; i += 2) {
    release(i);
  }
  for (size_t i = 0; i < count; i += 4) {
    acquire(i, 100'000);
  }
  source.trim_expired();
  for (size_t i = count; i-- > 0;) {
    release(i);
  }
  source.trim();
  return refused;
}

class Refusals : public ::testing::TestWithParam<os_case> {
 protected:
  void check(uint32_t failing_calls) {
    const fault_recorder recorder;
    uint32_t n = 1;
    uint32_t refusals = 0;
    for (; n < give_up; ++n) {
      SCOPED_TRACE(n);
      source_type source(GetParam().options);
      failing::start(n, failing_calls);
      refusals += scenario(source);
      const uint32_t failures = failing::failures;
      failing::start();
      source.trim();  // what the system would not take back then, it takes now
      ASSERT_EQ(source.accounts(), os_accounts{});
      ASSERT_EQ(failing::bytes_out, 0U);
      ASSERT_EQ(failing::reservations_out, 0U);
      const region after = source.acquire(1);
      ASSERT_FALSE(after.empty());
      source.release(after);
      source.trim();
      ASSERT_EQ(failing::bytes_out, 0U);
      if (failures == 0) {
        break;
      }
    }
    EXPECT_GT(n, 4U);
    EXPECT_LT(n, give_up);
    if (failing_calls == UINT32_MAX) {  // one or two it may get over by trying otherwise
      EXPECT_GT(refusals, 0U);
    }
    EXPECT_EQ(recorder.total(), 0U);
  }
};

INSTANTIATE_TEST_SUITE_P(Options, Refusals, ::testing::ValuesIn(os_cases), os_case_name);

TEST_P(Refusals, the_nth_call_fails) {
  check(1);
}

TEST_P(Refusals, the_nth_call_and_the_next_one_fail) {
  check(2);
}

TEST_P(Refusals, all_calls_from_the_nth_on_fail) {
  check(UINT32_MAX);
}

// What grows over such a source answers null, and works again.
template <class A>
void grow_and_shrink(size_t bytes, size_t count) {
  uint32_t n = 1;
  uint32_t refusals = 0;
  for (; n < give_up; ++n) {
    SCOPED_TRACE(n);
    growing<A, source_type> all;
    failing::start(n);
    void* blocks[512] = {};
    ASSERT_LE(count, 512U);
    for (size_t i = 0; i < count; ++i) {
      blocks[i] = all.allocate({bytes, 8});
      refusals += blocks[i] == nullptr ? 1U : 0U;
    }
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(all.deallocate(blocks[i], {bytes, 8}), status::ok);
    }
    all.trim();
    const uint32_t failures = failing::failures;
    failing::start();
    all.source().trim();
    ASSERT_EQ(failing::bytes_out, 0U);
    if (failures == 0) {
      break;
    }
  }
  EXPECT_GT(n, 2U);
  EXPECT_LT(n, give_up);
  EXPECT_GT(refusals, 0U);
}

TEST(RefusalsOfGrowing, a_pool) {
  grow_and_shrink<pool<4096>>(4096, 200);
}

TEST(RefusalsOfGrowing, a_heap) {
  grow_and_shrink<heap<1 << 20>>(1000, 400);
}

}  // namespace
}  // namespace acre::test
