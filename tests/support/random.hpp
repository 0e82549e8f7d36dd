// SPDX-License-Identifier: MIT
// random: numbers that are the same on every machine, from a seed that a failing test prints.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

/// The seed of this run: the environment's ACRE_TEST_SEED on hosts, else the constant that the build
/// defines as ACRE_TEST_SEED, else 1.
uint32_t run_seed() noexcept;

/// xorshift32 and a Weyl sequence. Source: G. Marsaglia, "Xorshift RNGs", J. Stat. Software 8 (2003).
class random {
 public:
  /// `stream` tells the uses of one run's seed apart.
  explicit random(uint32_t stream = 0) noexcept
      : state_((run_seed() * 0x9E37'79B9U ^ (stream + 1) * 0x85EB'CA6BU) | 1U) {
    for (int i = 0; i < 8; ++i) {
      static_cast<void>(next());
    }
  }

  uint32_t next() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    weyl_ += 0x61C8'8647U;
    return state_ + weyl_;
  }
  /// 0 .. count - 1; 0 for a count of 0.
  uint32_t below(size_t count) noexcept {
    return static_cast<uint32_t>((uint64_t{next()} * static_cast<uint32_t>(count)) >> 32);
  }
  /// first .. last
  size_t between(size_t first, size_t last) noexcept {
    return first + below(last - first + 1);
  }
  bool one_in(uint32_t count) noexcept {
    return below(count) == 0;
  }

 private:
  uint32_t state_;
  uint32_t weyl_ = 0;
};

}  // namespace acre::test
