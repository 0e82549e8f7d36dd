// SPDX-License-Identifier: MIT
// The lock-free pool as a case of the laws: as the pool is, called from one context.
#pragma once

#include "conformance/pool_cases.hpp"

#include <acre/lockfree_pool.hpp>

namespace acre::test {

/// The engine in a shell that watches, which the public class does not allow: counters are not atomic.
template <size_t BlockSize, size_t Align, check_level Level>
class watched_lockfree_pool
    : public basic_allocator<detail::lockfree_pool_engine<BlockSize, Align, Level>,
                             watched<Level>> {
  using lockfree = lockfree_pool<BlockSize, checks<Level>, Align>;

 public:
  static constexpr size_t block_bytes = lockfree::block_bytes;
  static constexpr size_t block_alignment = lockfree::block_alignment;
  static constexpr size_t required_bytes(size_t blocks, size_t region_align) noexcept {
    return lockfree::required_bytes(blocks, region_align);
  }
};

template <size_t BlockSize, size_t Align, check_level Level>
struct lockfree_pool_case : pool_laws<watched_lockfree_pool<BlockSize, Align, Level>> {
  static constexpr auto full_name = name_of<Level>("lockfree_pool");
  static constexpr const char* name = full_name.text;
  static constexpr layout typical{BlockSize, 1};
};

template <size_t BlockSize, size_t Align>
using lockfree_pool_cases_of =
    ::testing::Types<lockfree_pool_case<BlockSize, Align, check_level::none>,
                     lockfree_pool_case<BlockSize, Align, check_level::basic>,
                     lockfree_pool_case<BlockSize, Align, check_level::full>>;

template <size_t BlockSize, size_t Align>
using checked_lockfree_pool_cases_of =
    ::testing::Types<lockfree_pool_case<BlockSize, Align, check_level::basic>,
                     lockfree_pool_case<BlockSize, Align, check_level::full>>;

}  // namespace acre::test
