// SPDX-License-Identifier: MIT
// The laws for arenas.
#include <gtest/gtest.h>

#include "conformance/arena_cases.hpp"

namespace acre::test {
using cases = ::testing::Types<arena_case<check_level::none>, arena_case<check_level::basic>,
                               arena_case<check_level::full>>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
