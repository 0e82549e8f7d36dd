// SPDX-License-Identifier: MIT
#include "support/report.hpp"

#include "support/limits.hpp"
#include "support/random.hpp"

#include <acre/platform/console.hpp>

#if defined(ACRE_TEST_HOST)
#include <stdio.h>
#include <stdlib.h>
#endif

#if !defined(ACRE_TEST_SEED)
#define ACRE_TEST_SEED 1
#endif

namespace acre::test {

uint32_t run_seed() noexcept {
#if defined(ACRE_TEST_HOST)
  static const uint32_t seed = [] {
    const char* text = getenv("ACRE_TEST_SEED");
    return text == nullptr ? uint32_t{ACRE_TEST_SEED}
                           : static_cast<uint32_t>(strtoul(text, nullptr, 0));
  }();
  return seed;
#else
  return uint32_t{ACRE_TEST_SEED};
#endif
}

void print(const char* text) noexcept {
  size_t length = 0;
  while (text[length] != '\0') {
    ++length;
  }
#if defined(ACRE_TEST_HOST)
  fwrite(text, 1, length, stdout);  // in order with what GoogleTest prints
#else
  platform::console_write(text, length);
#endif
}

void print(uint64_t number) noexcept {
  char digits[21] = {};
  size_t at = sizeof digits - 1;
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  print(digits + at);
}

void print_replay() noexcept {
  print_line("seed ", uint64_t{run_seed()}, ", step ", uint64_t{current_step},
             on_host ? ": to replay, run this test with ACRE_TEST_SEED in the environment"
                     : ": to replay, build with -DACRE_TEST_SEED=<seed>");
}

}  // namespace acre::test
