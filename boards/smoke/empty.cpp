// SPDX-License-Identifier: MIT
// The smallest program: what startup, console, exit and fault report cost, and what the sizes of
// allocators are measured against.
extern "C" int acre_main() {
  return 0;
}
