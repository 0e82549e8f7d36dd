// SPDX-License-Identifier: MIT
// The laws for heaps of at most 128 KiB: headers of 16 bits that count in words.
#include <gtest/gtest.h>

#include "conformance/heap_cases.hpp"

namespace acre::test {
using cases = heap_cases_of<scaled_heap>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
