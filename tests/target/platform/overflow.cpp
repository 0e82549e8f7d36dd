// SPDX-License-Identifier: MIT
// A firmware that recurses until the stack is used up.
namespace {

[[gnu::noinline]] unsigned recurse(volatile unsigned* above) {
  volatile unsigned here[64];
  here[0] = *above + 1;
  return recurse(here) + here[0];  // not a tail call
}

}  // namespace

extern "C" int acre_main() {
  volatile unsigned depth = 0;
  return static_cast<int>(recurse(&depth));
}
