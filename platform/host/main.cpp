// SPDX-License-Identifier: MIT
// Lets a firmware's source run as a host program: main is acre_main.
extern "C" int acre_main();

int main() {
  return acre_main();
}
