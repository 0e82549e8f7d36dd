// SPDX-License-Identifier: MIT
#include "text.hpp"

#include <stddef.h>

#include <acre/platform/console.hpp>

namespace acre::certify {

void print(const char* text) {
  size_t length = 0;
  while (text[length] != '\0') {
    ++length;
  }
  acre::platform::console_write(text, length);
}

void print(uint64_t number) {
  char digits[20];
  size_t first = sizeof digits;
  do {
    digits[--first] = static_cast<char>('0' + static_cast<char>(number % 10));
    number /= 10;
  } while (number != 0);
  acre::platform::console_write(digits + first, sizeof digits - first);
}

}  // namespace acre::certify
