// SPDX-License-Identifier: MIT
// report: a line of text from a test, on every machine alike; and how to replay what failed.
#pragma once

#include <gtest/gtest.h>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

void print(const char* text) noexcept;
void print(uint64_t number) noexcept;

/// print_line("blocks ", 12, " of ", 13)
template <class... Parts>
void print_line(Parts... parts) noexcept {
  (print(parts), ...);
  print("\n");
}

/// Says which seed a failed test had.
void print_replay() noexcept;

/// Where a random run is: printed with the seed when a test fails.
inline uint32_t current_step = 0;

class seeded_test : public ::testing::Test {
 protected:
  void SetUp() override {
    current_step = 0;
  }
  void TearDown() override {
    if (HasFailure()) {
      print_replay();
    }
  }
};

}  // namespace acre::test
