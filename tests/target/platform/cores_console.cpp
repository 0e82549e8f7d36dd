// SPDX-License-Identifier: MIT
// Every core writes lines, in pieces, at the same time. check_lines.cmake looks for mixed ones.
#include <acre/platform/console.hpp>
#include <acre/platform/cores.hpp>

namespace platform = acre::platform;

namespace {

template <size_t Size>
void print(const char (&text)[Size]) {
  platform::console_write(text, Size - 1);
}

void write_lines(void*) {
  for (unsigned line = 0; line < 100; ++line) {
    const char core = static_cast<char>('0' + platform::core_id());
    print("core ");
    platform::console_write(&core, 1);
    print(" writes ");
    print("this ");
    print("line\n");
  }
}

}  // namespace

extern "C" int acre_main() {
  platform::run_on_all(write_lines, nullptr);
  print("and the end has no newline");
  return 0;
}
