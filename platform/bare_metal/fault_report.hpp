// SPDX-License-Identifier: MIT
// fault_report: the few words that a crashed program can still say.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/platform/console.hpp>

namespace acre::platform::detail {

template <size_t Size>
void report_text(const char (&text)[Size]) noexcept {
  console_write(text, Size - 1);
}

/// Writes "=0x0123abcd ".
void report_hex(uint32_t value) noexcept;

/// Writes "name=0x0123abcd ".
template <size_t Size>
void report_value(const char (&name)[Size], uint32_t value) noexcept {
  report_text(name);
  report_hex(value);
}

}  // namespace acre::platform::detail
