// SPDX-License-Identifier: MIT
// The laws for pools of blocks of 64 bytes, aligned to 64.
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"

namespace acre::test {
using cases = pool_cases_of<64, 64>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
