// SPDX-License-Identifier: MIT
// counting_lock: a lock policy that shows how often it is taken, and whether it is balanced.
#pragma once

#include <stdint.h>

namespace acre::test {

/// One account for all locks of a program: tests use one allocator at a time.
struct counting_lock {
  static inline uint32_t taken = 0;
  static inline uint32_t held = 0;
  static inline uint32_t nested = 0;  // times that a lock was taken while one was held

  void lock() noexcept {
    ++taken;
    nested += held != 0 ? 1U : 0U;
    ++held;
  }
  void unlock() noexcept {
    --held;
  }
};

}  // namespace acre::test
