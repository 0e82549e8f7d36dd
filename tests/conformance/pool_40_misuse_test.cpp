// SPDX-License-Identifier: MIT
// Misuse of pools of blocks of 40 bytes, aligned to 8.
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"

namespace acre::test {
using checked_cases = checked_pool_cases_of<40, 8>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
