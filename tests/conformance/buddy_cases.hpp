// SPDX-License-Identifier: MIT
// The buddy allocator as a case of the laws.
#pragma once

#include "conformance/cases.hpp"

#include <acre/buddy.hpp>

namespace acre::test {

template <size_t Smallest, check_level Level>
struct buddy_case : common_case {
  using allocator = buddy<Smallest, watched<Level>>;
  static constexpr auto name_8 = name_of<Level>("buddy_8");
  static constexpr auto name_16 = name_of<Level>("buddy_16");
  static constexpr auto name_64 = name_of<Level>("buddy_64");
  static constexpr const char* name = Smallest == 8    ? name_8.text
                                      : Smallest == 16 ? name_16.text
                                                       : name_64.text;
  static constexpr layout typical{Smallest + 1, 1};

  static layout shape(uint32_t bits) {
    return any_shape(bits);
  }
  static bool accepts(const block& live, layout given) {
    return given.size <= region_bytes && given.align <= region_bytes &&
           allocator::block_bytes(live.request()) == allocator::block_bytes(given);
  }
  static size_t bytes_in_use(region, const block* live, size_t count) {
    return sum_over(live, count,
                    [](const block& b) { return allocator::block_bytes(b.request()); });
  }
  static size_t required(size_t count, size_t region_align) {
    const size_t each = allocator::block_bytes(typical);
    return allocator::required_bytes(count > SIZE_MAX / each ? SIZE_MAX : count * each,
                                     typical.size, typical.size, region_align);
  }
  static size_t interior_align(const block&) {
    return Smallest;
  }
};

}  // namespace acre::test
