// SPDX-License-Identifier: MIT
// Misuse of buddy allocators.
#include <gtest/gtest.h>

#include "conformance/buddy_cases.hpp"

namespace acre::test {
using checked_cases =
    ::testing::Types<buddy_case<8, check_level::basic>, buddy_case<8, check_level::full>,
                     buddy_case<16, check_level::basic>, buddy_case<16, check_level::full>,
                     buddy_case<64, check_level::basic>, buddy_case<64, check_level::full>>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
