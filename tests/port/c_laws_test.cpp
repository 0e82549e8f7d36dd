// SPDX-License-Identifier: MIT
// The laws for the C allocators.
#include <gtest/gtest.h>

#include "c_cases.hpp"

namespace acre::test {
using cases =
    ::testing::Types<c_pool_case<c_pool>, c_pool_case<c_lockfree_pool>, c_arena_case,
                     c_stack_case<ACRE_STACK_LOW>, c_stack_case<ACRE_STACK_HIGH>, c_buddy_case,
                     c_slab_case<bitmap::narrow>, c_slab_case<bitmap::wide>, c_heap_case>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
