// SPDX-License-Identifier: MIT
// audit: validate() and validate_step() side by side, for tests that plant damage.
#pragma once

#include <gtest/gtest.h>

#include <acre/status.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

/// Engines whose allocators can be validated in steps.
template <class A>
concept validated_in_steps = requires {
  typename A::engine_type::cursor_type::step_cursor;
};

/// What validate_step() finds, a step a call: the first status that is not ok.
template <class A>
status in_steps(const A& a) {
  constexpr uint32_t calls_max = 8192;
  typename A::engine_type::cursor_type cursor;
  status found = status::ok;
  for (uint32_t calls = 0; found == status::ok && !cursor.finished(); ++calls) {
    if (calls == calls_max) {
      ADD_FAILURE() << "has no end";
      break;
    }
    found = a.validate_step(cursor, 1);
  }
  return found;
}

/// What validate() finds, and so do steps where the allocator has them.
template <class A>
status verdict(const A& a) {
  const status whole = a.validate();
  if constexpr (validated_in_steps<A>) {
    EXPECT_EQ(in_steps(a), whole) << "in steps";
  }
  return whole;
}

}  // namespace acre::test
