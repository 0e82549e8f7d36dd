// SPDX-License-Identifier: MIT
// Console, arguments and exit over semihosting.
#include "semihosting.hpp"

#include <acre/platform/arguments.hpp>
#include <acre/platform/console.hpp>
#include <acre/platform/exit.hpp>

#include "shared_console.hpp"

namespace acre::platform {

using detail::semihosting;
using detail::semihosting_call;

namespace {

// ":tt" is the console; opened for writing it is standard output, where SYS_WRITE0 would be
// standard error under QEMU.
uint32_t open_console() noexcept {
  static constexpr char name[] = ":tt";
  constexpr uint32_t mode_write = 4;
  const uintptr_t block[] = {reinterpret_cast<uintptr_t>(name), mode_write, sizeof name - 1};
  return semihosting(semihosting_call::open, block);
}

uint32_t console_handle = 0;  // 0: not open yet; a debugger's handles are not zero

void write_out(const char* text, size_t length) noexcept {
  if (console_handle == 0) {
    console_handle = open_console();
  }
  const uintptr_t block[] = {console_handle, reinterpret_cast<uintptr_t>(text), length};
  semihosting(semihosting_call::write, block);
}

constinit detail::shared_console shared;

}  // namespace

void console_write(const char* text, size_t length) noexcept {
  if constexpr (core_count == 1) {
    write_out(text, length);
  } else {
    shared.write(text, length, write_out);
  }
}

size_t arguments(char* buffer, size_t capacity) noexcept {
  uintptr_t block[] = {reinterpret_cast<uintptr_t>(buffer),
                       capacity};  // the answer changes the size
  const bool answered = semihosting(semihosting_call::get_command_line, block) == 0;
  const size_t length = answered && block[1] < capacity ? block[1] : 0;
  buffer[length] = '\0';
  return length;
}

void exit(int code) noexcept {
  if constexpr (core_count > 1) {
    shared.close(write_out);
  }
  constexpr uintptr_t application_exit = 0x20026;
  const uintptr_t block[] = {application_exit, static_cast<uintptr_t>(code)};
  semihosting(semihosting_call::exit_extended, block);
  for (;;) {  // a debugger may let the program continue
  }
}

}  // namespace acre::platform
