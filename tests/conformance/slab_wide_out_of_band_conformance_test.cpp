// SPDX-License-Identifier: MIT
// The laws for slab allocators with wide bitmaps, metadata out of band.
#include <gtest/gtest.h>

#include "conformance/slab_cases.hpp"

namespace acre::test {
using cases = slab_cases_of<bitmap::wide, slab_metadata::out_of_band>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
