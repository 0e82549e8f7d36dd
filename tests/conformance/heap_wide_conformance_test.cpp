// SPDX-License-Identifier: MIT
// The laws for heaps of at most 1 MiB: headers of 32 bits.
#include <gtest/gtest.h>

#include "conformance/heap_cases.hpp"

namespace acre::test {
using cases = heap_cases_of<wide_heap>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
