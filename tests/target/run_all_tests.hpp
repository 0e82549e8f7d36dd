// SPDX-License-Identifier: MIT
// run_all_tests: the whole of a test image, between startup and exit.
#pragma once

namespace testing {

/// Runs every test, ends with the line "<board>/<image>: 41 passed, 0 failed, 2 skipped", and returns
/// the exit code: 0 iff tests ran and none failed.
int run_all_tests(const char* image);

}  // namespace testing
