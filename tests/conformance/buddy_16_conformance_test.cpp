// SPDX-License-Identifier: MIT
// The laws for buddy allocators whose smallest block has 16 bytes.
#include <gtest/gtest.h>

#include "conformance/buddy_cases.hpp"

namespace acre::test {
using cases =
    ::testing::Types<buddy_case<16, check_level::none>, buddy_case<16, check_level::basic>,
                     buddy_case<16, check_level::full>>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
