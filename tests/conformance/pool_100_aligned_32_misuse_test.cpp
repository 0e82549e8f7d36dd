// SPDX-License-Identifier: MIT
// Misuse of pools of blocks of 100 bytes, aligned to 32.
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"

namespace acre::test {
using checked_cases = checked_pool_cases_of<100, 32>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
