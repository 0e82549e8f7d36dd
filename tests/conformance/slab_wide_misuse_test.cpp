// SPDX-License-Identifier: MIT
// Misuse of slab allocators with wide bitmaps.
#include <gtest/gtest.h>

#include "conformance/slab_cases.hpp"

namespace acre::test {
template <slab_metadata Metadata, check_level Level>
using of = slab_case<bitmap::wide, Metadata, Level>;
using checked_cases = ::testing::Types<of<slab_metadata::in_slab, check_level::basic>,
                                       of<slab_metadata::in_slab, check_level::full>,
                                       of<slab_metadata::out_of_band, check_level::basic>,
                                       of<slab_metadata::out_of_band, check_level::full>>;
}  // namespace acre::test

#include "conformance/misuse_suite.hpp"
