// SPDX-License-Identifier: MIT
// Misuse of lock-free pools of blocks of 100 bytes, aligned to 32.
#include <gtest/gtest.h>

#include "conformance/lockfree_pool_cases.hpp"

namespace acre::test {
using checked_cases = checked_lockfree_pool_cases_of<100, 32>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
