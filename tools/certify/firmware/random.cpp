// SPDX-License-Identifier: MIT
#include "random.hpp"

namespace acre::certify {

namespace {

uint32_t state = 1;

}  // namespace

void seed_random(uint32_t seed) {
  // Seeds that differ in a bit begin far apart.
  state = seed * 0x9E3779B9U | 1U;
}

// Marsaglia's xorshift.
uint32_t random() {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

// An octave at random, and in it a size that is kept with a probability of octave / size. No logarithm:
// the cores have no floating point.
size_t log_uniform(size_t most) {
  size_t octaves = 1;
  while ((size_t{16} << octaves) <= most + 1) {
    ++octaves;
  }
  for (;;) {
    const size_t octave = size_t{8} << random_below(octaves);
    const size_t size = octave + random_below(octave);
    if (size <= most && random_below(size) < octave) {
      return size;
    }
  }
}

}  // namespace acre::certify
