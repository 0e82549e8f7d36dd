// SPDX-License-Identifier: MIT
// text: lines of fields for the driver, name|value|value.
#pragma once

#include <stdint.h>

namespace acre::certify {

void print(const char* text);
void print(uint64_t number);

/// One line; each field after the first has a bar in front.
template <class First, class... Rest>
void print_line(First first, Rest... rest) {
  print(first);
  ((print("|"), print(rest)), ...);
  print("\n");
}

}  // namespace acre::certify
