// SPDX-License-Identifier: MIT
// Misuse of pools of blocks of sizeof(void*) bytes, aligned to alignof(void*).
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"

namespace acre::test {
using checked_cases = checked_pool_cases_of<sizeof(void*), alignof(void*)>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
