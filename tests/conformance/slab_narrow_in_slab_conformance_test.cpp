// SPDX-License-Identifier: MIT
// The laws for slab allocators with narrow bitmaps, metadata in slab.
#include <gtest/gtest.h>

#include "conformance/slab_cases.hpp"

namespace acre::test {
using cases = slab_cases_of<bitmap::narrow, slab_metadata::in_slab>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
