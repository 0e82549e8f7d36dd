// SPDX-License-Identifier: MIT
// Misuse of the C allocators.
#include <gtest/gtest.h>

#include "c_cases.hpp"

namespace acre::test {
using checked_cases =
    ::testing::Types<c_pool_case<c_pool>, c_pool_case<c_lockfree_pool>,
                     c_stack_case<ACRE_STACK_LOW>, c_stack_case<ACRE_STACK_HIGH>, c_buddy_case,
                     c_slab_case<bitmap::narrow>, c_slab_case<bitmap::wide>, c_heap_case>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
