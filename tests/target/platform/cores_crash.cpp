// SPDX-License-Identifier: MIT
// A firmware whose last core executes an undefined instruction while core 0 waits for it: the fault
// report comes from there and ends the program.
#include <acre/platform/cores.hpp>

namespace platform = acre::platform;

extern "C" int acre_main() {
  constexpr uint32_t last = platform::core_count - 1;
  platform::start_core(
      last, [](void*) { __builtin_trap(); }, nullptr);
  platform::wait_for_core(last);
  return 0;
}
