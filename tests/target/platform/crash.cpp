// SPDX-License-Identifier: MIT
// A firmware that executes an undefined instruction: the fault report must say where.
extern "C" int acre_main() {
  __builtin_trap();
}
