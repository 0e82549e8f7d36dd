// SPDX-License-Identifier: MIT
// The laws for thread_cache.
#include <gtest/gtest.h>

#include "cache_cases.hpp"

namespace acre::test {
using cases = ::testing::Types<
    cached_pool_case<pool_case<24, 8, check_level::none, no_map>>,
    cached_pool_case<pool_case<24, 8, check_level::basic, detail::bit_live_map>>,
    cached_pool_case<pool_case<24, 8, check_level::full, detail::byte_live_map>>,
    cached_pool_case<lockfree_pool_case<24, 8, check_level::basic>>,
    cached_sizes_case<slab_case<bitmap::narrow, slab_metadata::in_slab, check_level::none>>,
    cached_sizes_case<slab_case<bitmap::wide, slab_metadata::out_of_band, check_level::basic>>,
    cached_sizes_case<slab_case<bitmap::narrow, slab_metadata::in_slab, check_level::full>>,
    cached_heap_case<heap_case<wide_heap, check_level::none>>,
    cached_heap_case<heap_case<wide_heap, check_level::basic>>,
    cached_heap_case<heap_case<small_heap, check_level::full>>>;
}  // namespace acre::test

#include "conformance/laws_suite.hpp"
