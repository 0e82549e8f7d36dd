// SPDX-License-Identifier: MIT
// arguments: what the program was told when it was started. On boards the debugger's or emulator's
// command line (QEMU: -append "text").
#pragma once

#include <stddef.h>

namespace acre::platform {

/// Copies the command line, whose first word is the program, into `buffer`, with a terminator. Returns
/// its length; 0, and an empty text, if there is none, it does not fit, or on hosts. `capacity` is at
/// least 1. Not in an interrupt.
size_t arguments(char* buffer, size_t capacity) noexcept;

}  // namespace acre::platform
