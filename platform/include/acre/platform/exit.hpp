// SPDX-License-Identifier: MIT
// exit: end the program and tell whoever started it how it went.
#pragma once

namespace acre::platform {

/// Exit code of a program that the fault report ended (EX_SOFTWARE of sysexits.h).
inline constexpr int fault_exit_code = 70;

/// Ends the program; 0 is success. Under QEMU `code` becomes the emulator's exit status. Runs no
/// static destructors on boards.
[[noreturn]] void exit(int code) noexcept;

}  // namespace acre::platform
