// SPDX-License-Identifier: MIT
// What every example shares: expect(), which makes an example a test of what it claims. Prints only
// claims that do not hold, through the platform's console, so that it works on boards too.
#pragma once

#include <stddef.h>

#include <acre/platform/console.hpp>

namespace example {

inline int failures = 0;

inline void print(const char* text) noexcept {
  size_t length = 0;
  while (text[length] != '\0') {
    ++length;
  }
  acre::platform::console_write(text, length);
}

inline void expect(bool holds, const char* claim) noexcept {
  if (!holds) {
    ++failures;
    print("does not hold: ");
    print(claim);
    print("\n");
  }
}

}  // namespace example

/// Checks a claim in the words of the code.
#define EXPECT(...) ::example::expect(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__)
