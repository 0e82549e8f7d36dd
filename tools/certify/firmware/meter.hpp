// SPDX-License-Identifier: MIT
// meter: the exact number of instructions that one call executes, every instruction of the callee
// through its return; an empty function is 1.
//
// QEMU's -icount makes time a count of instructions. The meter reads a timer directly before and
// after the call, from assembly, so that no compiler moves anything in between. The driver chooses a
// shift at which an instruction lasts several ticks; so rounding to the nearest instruction is exact. The
// marks of a metered_lock (section_meter.hpp) are not counted.
#pragma once

#include <stdint.h>

namespace acre::certify {

struct metered_call {
  const void* function;
  uintptr_t arguments[4];
  uintptr_t result;
};

/// Runs the call, stores its result, and returns the ticks that it took, with a constant overhead.
extern "C" uint32_t acre_certify_run(metered_call* call) noexcept;

/// Prepares the timer; measures the overhead with an empty function.
void start_meter() noexcept;

struct counts {
  uint32_t instructions = 0;
  uint32_t masked =
      0;  // the most of them one after another with the lock held; 0 where none is metered

  /// Each the larger one.
  void raise_to(const counts& other) noexcept {
    instructions = other.instructions > instructions ? other.instructions : instructions;
    masked = other.masked > masked ? other.masked : masked;
  }
};

/// Runs the call, stores its result, and counts it.
counts counts_of(metered_call& call) noexcept;

}  // namespace acre::certify
