// SPDX-License-Identifier: MIT
// The laws for both sides of a stack.
#include <gtest/gtest.h>

#include "conformance/stack_cases.hpp"

namespace acre::test {
using cases = ::testing::Types<stack_low<check_level::none>, stack_low<check_level::basic>,
                               stack_low<check_level::full>, stack_high<check_level::none>,
                               stack_high<check_level::basic>, stack_high<check_level::full>>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
