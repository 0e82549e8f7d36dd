// SPDX-License-Identifier: MIT
// A firmware whose second core recurses until its stack is used up.
#include <acre/platform/cores.hpp>

namespace platform = acre::platform;

namespace {

[[gnu::noinline]] unsigned recurse(volatile unsigned* above) {
  volatile unsigned here[64];
  here[0] = *above + 1;
  return recurse(here) + here[0];  // not a tail call
}

}  // namespace

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
