// SPDX-License-Identifier: MIT
// observed_call: a call between symbols that tell its instructions from all others, for what comes in
// between and for a trace.
#pragma once

#include <stdint.h>

#include "interrupts/interrupted_call.hpp"

namespace acre::test::sweep {

/// Of one call. What comes in between sets `taken`, and the call `returned`.
struct progress {
  volatile uint32_t taken;
  volatile uint32_t returned;
};

}  // namespace acre::test::sweep

extern "C" {
/// Loads the arguments, calls, says that the call has returned, and waits until `state->taken` is not 0.
uintptr_t acre_sweep_run(const void* function, const uintptr_t* arguments,
                         acre::test::sweep::progress* state) noexcept;
extern const char acre_sweep_call[];   // the call
extern const char acre_sweep_after[];  // the instruction behind it
extern const char acre_sweep_end[];    // the end of acre_sweep_run
}
