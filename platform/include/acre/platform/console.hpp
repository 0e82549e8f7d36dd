// SPDX-License-Identifier: MIT
// console: text for a person. Standard output on hosts, the debugger's console on boards.
#pragma once

#include <stddef.h>

namespace acre::platform {

/// Writes `length` characters; no terminator is needed and none is added. Returns when
/// the text is written, so that the last line before a crash is seen. On boards of several cores that is
/// when its line ends, so that the lines of cores do not mix.
void console_write(const char* text, size_t length) noexcept;

}  // namespace acre::platform
