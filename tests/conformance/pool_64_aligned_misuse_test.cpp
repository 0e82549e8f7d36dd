// SPDX-License-Identifier: MIT
// Misuse of pools of blocks of 64 bytes, aligned to 64.
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"

namespace acre::test {
using checked_cases = checked_pool_cases_of<64, 64>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
