// SPDX-License-Identifier: MIT
// random: one sequence of numbers for a run, from a seed, the same on every core.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace acre::certify {

void seed_random(uint32_t seed);
uint32_t random();

/// Less than `limit`.
inline size_t random_below(size_t limit) {
  return static_cast<size_t>(uint64_t{random()} * limit >> 32);
}

/// From 8 to `most`, where each size is as frequent as its reciprocal: as many from 8 to 15 as from 16
/// to 31.
size_t log_uniform(size_t most);

}  // namespace acre::certify
