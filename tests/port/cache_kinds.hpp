// SPDX-License-Identifier: MIT
// Caches for tests: an allocator over a fixed region with its cache, which must end with everything back.
#pragma once

#include <gtest/gtest.h>

#include <acre/buddy.hpp>
#include <acre/heap.hpp>
#include <acre/lockfree_pool.hpp>
#include <acre/pool.hpp>
#include <acre/port/thread_cache.hpp>
#include <acre/slab.hpp>

#include <stdlib.h>

#include "port/shared_blocks.hpp"
#include "support/counted_source.hpp"

namespace acre::test {

/// What tests with threads ask for.
inline constexpr layout wanted{block_size, 8};

template <class A, hosted::cache_limits Limits = hosted::cache_limits{}>
struct cached_region {
  using cache_type = hosted::thread_cache<A, detail::cached_sizes_of<A>, detail::checks_of<A>,
                                          counted_source, Limits>;
  static constexpr bool checked = A::policies_type::level != check_level::none;

  A memory;
  cache_type cache{memory};
  region space;

  explicit cached_region(size_t bytes = size_t{4} << 20) : space{malloc(bytes), bytes} {
    EXPECT_EQ(memory.init(space), status::ok);
  }
  cached_region(const cached_region&) = delete;
  cached_region& operator=(const cached_region&) = delete;
  ~cached_region() {
    cache.release_all();
    EXPECT_EQ(cache.source().regions_out(), 0U);
    EXPECT_EQ(memory.validate(), status::ok);
    free(space.begin);
  }

  /// For shared_blocks.hpp.
  auto take() {
    return [this] { return cache.allocate(wanted); };
  }
  auto give() {
    return [this](void* block) { return cache.deallocate(block, wanted); };
  }

  /// Nothing is in use, and everything finds its way back.
  void expect_nothing_lost() {
    EXPECT_EQ(cache.usage().blocks_in_use, 0U);
    EXPECT_EQ(cache.validate(), status::ok);
    EXPECT_EQ(cache.counts().late_refusals, 0U);
    cache.trim();
    EXPECT_EQ(cache.counts().cached_blocks, 0U);
    EXPECT_EQ(memory.usage().blocks_in_use, 0U);
  }
};

template <class Checks>
using unlocked = policies<no_lock, Checks, no_observer>;

template <class Checks = checks_basic>
using heap_region = cached_region<heap<size_t{64} << 20, unlocked<Checks>>>;

}  // namespace acre::test
