// SPDX-License-Identifier: MIT
// Misuse of heaps of at most 1 MiB: headers of 32 bits.
#include <gtest/gtest.h>

#include "conformance/heap_cases.hpp"

namespace acre::test {
using checked_cases = checked_heap_cases_of<wide_heap>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
