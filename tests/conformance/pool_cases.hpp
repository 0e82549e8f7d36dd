// SPDX-License-Identifier: MIT
// The pool as a case of the laws: any block size and alignment, both live maps.
#pragma once

#include "conformance/cases.hpp"

#include <acre/pool.hpp>

namespace acre::test {

/// A pool whose live map is chosen here and not by the configuration.
template <size_t BlockSize, size_t Align, check_level Level, class Map>
class mapped_pool
    : public basic_allocator<
          engine::pool_checked<detail::pool_traits<BlockSize, Align, Level>::stride,
                               detail::pool_traits<BlockSize, Align, Level>::align, Level, Map>,
          watched<Level>> {
  using traits = detail::pool_traits<BlockSize, Align, Level>;

 public:
  static constexpr size_t block_bytes = traits::stride;
  static constexpr size_t block_alignment = traits::align;
  static constexpr size_t required_bytes(size_t blocks, size_t region_align) noexcept {
    if (blocks > SIZE_MAX / 4 / block_bytes) {
      return SIZE_MAX;
    }
    const size_t slack = block_alignment > region_align ? block_alignment - region_align : 0;
    return mapped_pool::engine_type::bytes_for(blocks) + slack;
  }
};

struct no_map {};

template <size_t BlockSize, size_t Align, check_level Level, class Map>
struct pool_type {
  using type = mapped_pool<BlockSize, Align, Level, Map>;
};
template <size_t BlockSize, size_t Align>
struct pool_type<BlockSize, Align, check_level::none, no_map> {
  using type = pool<BlockSize, watched<check_level::none>, Align>;
};

/// What all pools promise, however they keep their free blocks.
template <class Allocator>
struct pool_laws : common_case {
  using allocator = Allocator;
  static constexpr size_t stride = allocator::block_bytes;
  static constexpr size_t natural_align = allocator::block_alignment;

  static layout shape(uint32_t bits) {
    return {(bits >> 8) % (stride + 1), random_align(bits, natural_align)};
  }
  static bool accepts(const block&, layout given) {
    return given.valid() && given.size <= stride && given.align <= natural_align;
  }
  static size_t bytes_in_use(region, const block*, size_t count) {
    return count * stride;
  }
  static size_t required(size_t count, size_t region_align) {
    return allocator::required_bytes(count, region_align);
  }
  static size_t interior_align(const block&) {
    return natural_align;
  }
};

template <size_t BlockSize, size_t Align, check_level Level, class Map>
struct pool_case : pool_laws<typename pool_type<BlockSize, Align, Level, Map>::type> {
  static constexpr auto make_name() {
    joined_name<32> out;
    size_t at = 0;
    const auto add = [&](const char* text) {
      while (*text != '\0') {
        out.text[at++] = *text++;
      }
    };
    const auto number = [&](size_t n) {
      if (n >= 100) {
        out.text[at++] = static_cast<char>('0' + n / 100);
      }
      if (n >= 10) {
        out.text[at++] = static_cast<char>('0' + n / 10 % 10);
      }
      out.text[at++] = static_cast<char>('0' + n % 10);
    };
    add("pool_");
    number(BlockSize);
    add("_align_");
    number(Align);
    add(ACRE_TEST_LEVEL_NAME(Level));
    add(detail::is_same_v<Map, detail::bit_live_map>    ? "_bits"
        : detail::is_same_v<Map, detail::byte_live_map> ? "_bytes"
                                                        : "");
    return out;
  }
  static constexpr auto full_name = make_name();
  static constexpr const char* name = full_name.text;

  static constexpr layout typical{BlockSize, 1};
};

template <size_t BlockSize, size_t Align>
using pool_cases_of =
    ::testing::Types<pool_case<BlockSize, Align, check_level::none, no_map>,
                     pool_case<BlockSize, Align, check_level::basic, detail::bit_live_map>,
                     pool_case<BlockSize, Align, check_level::basic, detail::byte_live_map>,
                     pool_case<BlockSize, Align, check_level::full, detail::bit_live_map>,
                     pool_case<BlockSize, Align, check_level::full, detail::byte_live_map>>;

template <size_t BlockSize, size_t Align>
using checked_pool_cases_of =
    ::testing::Types<pool_case<BlockSize, Align, check_level::basic, detail::bit_live_map>,
                     pool_case<BlockSize, Align, check_level::basic, detail::byte_live_map>,
                     pool_case<BlockSize, Align, check_level::full, detail::bit_live_map>,
                     pool_case<BlockSize, Align, check_level::full, detail::byte_live_map>>;

}  // namespace acre::test
