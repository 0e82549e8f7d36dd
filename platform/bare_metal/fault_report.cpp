// SPDX-License-Identifier: MIT
// Numbers for the fault report, with no more machinery than a crash leaves usable.
#include "fault_report.hpp"

namespace acre::platform::detail {

void report_hex(uint32_t value) noexcept {
  char text[] = "=0x00000000 ";
  for (size_t digit = 10; digit >= 3; --digit, value >>= 4) {
    const uint32_t nibble = value & 15;
    text[digit] = static_cast<char>(nibble < 10 ? '0' + nibble : 'a' + (nibble - 10));
  }
  console_write(text, sizeof text - 1);
}

}  // namespace acre::platform::detail
