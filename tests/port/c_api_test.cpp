// SPDX-License-Identifier: MIT
// Runs the tests of acre.h that are written in C.
#include <gtest/gtest.h>

#include "c_api_checks.h"

#include <acre/config.hpp>
#include <acre/fault.hpp>

bool c_api_checked = acre::config::default_checks != acre::check_level::none;
bool c_api_fully_checked = acre::config::default_checks == acre::check_level::full;

#define C_API_TEST(name)                                             \
  extern "C" const char* c_api_##name();                             \
  TEST(c_api, name) {                                                \
    const char* const failed = c_api_##name();                       \
    (void)acre_set_fault_hook(nullptr);                              \
    EXPECT_EQ(failed, nullptr) << (failed != nullptr ? failed : ""); \
  }

C_API_TEST(status)
C_API_TEST(fault_hook)
C_API_TEST(handles)
C_API_TEST(locking)
C_API_TEST(pool)
C_API_TEST(lockfree_pool)
C_API_TEST(slab)
C_API_TEST(arena)
C_API_TEST(stack)
C_API_TEST(buddy)
C_API_TEST(heap)
C_API_TEST(certified)
