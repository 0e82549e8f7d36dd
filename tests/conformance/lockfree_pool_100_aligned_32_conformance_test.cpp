// SPDX-License-Identifier: MIT
// The laws for lock-free pools of blocks of 100 bytes, aligned to 32.
#include <gtest/gtest.h>

#include "conformance/lockfree_pool_cases.hpp"

namespace acre::test {
using cases = lockfree_pool_cases_of<100, 32>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
