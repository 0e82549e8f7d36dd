// SPDX-License-Identifier: MIT
// The laws for pools of blocks of 100 bytes, aligned to 32.
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"

namespace acre::test {
using cases = pool_cases_of<100, 32>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
