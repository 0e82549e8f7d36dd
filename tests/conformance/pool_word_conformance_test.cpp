// SPDX-License-Identifier: MIT
// The laws for pools of blocks of sizeof(void*) bytes, aligned to alignof(void*).
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"

namespace acre::test {
using cases = pool_cases_of<sizeof(void*), alignof(void*)>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
