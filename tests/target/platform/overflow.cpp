// SPDX-License-Identifier: MIT
// A firmware that recurses until the stack is used up.
#include "recurse.hpp"

extern "C" int acre_main() {
  volatile unsigned depth = 0;
  return static_cast<int>(recurse(&depth));
}
