// SPDX-License-Identifier: MIT
// recurse: uses up the stack that it is called on.
#pragma once

[[gnu::noinline]] inline unsigned recurse(volatile unsigned* above) {
  volatile unsigned here[64];
  here[0] = *above + 1;
  return recurse(here) + here[0];  // not a tail call
}
