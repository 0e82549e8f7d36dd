// SPDX-License-Identifier: MIT
// Misuse of both sides of a stack.
#include <gtest/gtest.h>

#include "conformance/stack_cases.hpp"

namespace acre::test {
using checked_cases =
    ::testing::Types<stack_low<check_level::basic>, stack_low<check_level::full>,
                     stack_high<check_level::basic>, stack_high<check_level::full>>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
