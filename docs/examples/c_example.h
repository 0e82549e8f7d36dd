/* SPDX-License-Identifier: MIT
 * What example.hpp is, for examples in C. What does not hold is only counted: the console is C++. */
#pragma once

static int example_failures;

#define EXPECT(condition)                    \
  do {                                       \
    example_failures += (condition) ? 0 : 1; \
  } while (0)
