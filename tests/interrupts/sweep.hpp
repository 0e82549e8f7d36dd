// SPDX-License-Identifier: MIT
// sweep: one operation, with an interrupt, or a second core's work, in front of each of its instructions in
// turn.
//
// For tests/interrupts/sweep.py to read, it prints
//   scenario|family|name|set-up|operation|handler
//   at|address address ...     in front of which interrupts came, in order, each change once
//   swept|offsets|addresses|violations|at how many offsets another core had to wait
//   violation|offset|address|what is wrong        the first one
#pragma once

#include "interrupts/family.hpp"

#include <stdint.h>

namespace acre::test::sweep {

struct settings {
  bool trace = false;   // every operation once, without an interrupt
  bool pairs = false;   // at each offset, the other core stops at each of its own instructions, too
  uint32_t step = 1;    // ticks from one offset to the next; more than 1 skips instructions
  uint32_t random = 0;  // random scenarios for each family, instead of the listed ones
  uint32_t seed = 1;
};

struct totals {
  uint32_t scenarios = 0;
  uint32_t offsets = 0;
  uint32_t violations = 0;
};

/// Sweeps the scenario, for the allocator that the_world has chosen.
void sweep(const family& allocator, const scenario& what, const settings& how,
           totals& sum) noexcept;

/// Writes a random scenario into `text`, at least scenario_text_max characters, to which the result
/// points. Leaves the_world in the state after the set-up.
inline constexpr unsigned scenario_text_max = 128;
scenario random_scenario(const family& allocator, uint32_t stream, char* text) noexcept;

}  // namespace acre::test::sweep
