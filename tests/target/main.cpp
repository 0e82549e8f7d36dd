// SPDX-License-Identifier: MIT
// The program of a test image; acre_add_test compiles it into each, with the image's name.
#include "run_all_tests.hpp"

extern "C" int acre_main() {
  return testing::run_all_tests(ACRE_TEST_IMAGE);
}
