// SPDX-License-Identifier: MIT
// record: what was counted since the last scenario ended.
#pragma once

#include <stdint.h>

#include "meter.hpp"
#include "subject.hpp"

namespace acre::certify {

/// Notes a call.
void note(operation op, const counts& call);

/// The most that a call of `op` took since the last scenario; 0 instructions: there was none.
const counts& worst_of(operation op);

/// Forgets what was noted: it was preparation.
void discard();

/// From here to the end of the scenario, the 99th percentile of each operation is kept.
void keep_percentiles();

/// Prints a line for each operation that was called, and begins anew:
///   call|allocator|level|operation|scenario|calls|worst|sum|99th percentile, or 0|longest with the
///   lock held, or 0
void end_scenario(const subject& s, const char* scenario);

}  // namespace acre::certify
