// SPDX-License-Identifier: MIT
// A firmware whose second core recurses until its stack is used up.
#include "recurse.hpp"

#include <acre/platform/cores.hpp>

namespace platform = acre::platform;

extern "C" int acre_main() {
  platform::start_core(
      1,
      [](void*) {
        volatile unsigned depth = 0;
        recurse(&depth);
      },
      nullptr);
  platform::wait_for_core(1);
  return 0;
}
