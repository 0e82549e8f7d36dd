// SPDX-License-Identifier: MIT
// semihosting: calls to the debugger or emulator that runs the program. Without one, on real
// hardware, such a call is a fault: a product replaces console.cpp's and exit.cpp's way out.
// Source: Arm, "Semihosting for AArch32 and AArch64"; RISC-V follows it.
#pragma once

#include <stdint.h>

namespace acre::platform::detail {

enum class semihosting_call : uint32_t {
  open = 0x01,
  write = 0x05,
  get_command_line = 0x15,
  exit_extended = 0x20,
};

/// One call; `block` points to its arguments.
uint32_t semihosting(semihosting_call call, const void* block) noexcept;

}  // namespace acre::platform::detail
