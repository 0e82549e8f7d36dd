// SPDX-License-Identifier: MIT
// What is subtracted: startup and exit.
extern "C" int acre_main() {
  return 0;
}
