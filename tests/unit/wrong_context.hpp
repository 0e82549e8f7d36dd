// SPDX-License-Identifier: MIT
// What tests of calls from the wrong context share: a lock that says what it is told to say, and a fixture
// that counts who was refused.
#pragma once

#include <gtest/gtest.h>

#include <acre/acre.hpp>

#include "support/fault_recorder.hpp"

namespace acre::test {

/// Says what it is told to say, and counts.
struct obedient_lock {
  static inline bool allowed = true;
  static inline unsigned taken = 0;
  static inline unsigned held = 0;

  void lock() noexcept {
    ++taken;
    ++held;
  }
  void unlock() noexcept {
    --held;
  }
  [[nodiscard]] bool may_lock() const noexcept {
    return allowed;
  }
};

class wrong_context : public ::testing::Test {
 protected:
  void SetUp() override {
    obedient_lock::allowed = true;
    obedient_lock::taken = 0;
  }
  void TearDown() override {
    EXPECT_EQ(obedient_lock::held, 0U);
  }

  // Runs `calls` where the lock says no; each of the `count` calls must be told once, and none may lock.
  template <class Calls>
  static void refuse(unsigned count, Calls calls) {
    const fault_recorder faults;
    const unsigned taken = obedient_lock::taken;
    obedient_lock::allowed = false;
    calls();
    obedient_lock::allowed = true;
    EXPECT_EQ(fault_recorder::count(status::wrong_context), count);
    EXPECT_EQ(fault_recorder::total(), count);
    EXPECT_EQ(obedient_lock::taken, taken);
  }
};

template <class Lock>
using full = policies<Lock, checks_full, no_observer>;
using asked = full<obedient_lock>;

inline static_region<2048, 256> memory;
inline constexpr layout shape{16, 8};
inline constexpr status no = status::wrong_context;

}  // namespace acre::test
