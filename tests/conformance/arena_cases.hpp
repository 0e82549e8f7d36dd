// SPDX-License-Identifier: MIT
// The arena as a case of the laws.
#pragma once

#include "conformance/cases.hpp"

#include <acre/arena.hpp>

namespace acre::test {

template <check_level Level>
struct arena_case : common_case {
  using allocator = arena<watched<Level>>;
  static constexpr giving order = giving::all_at_once;
  static constexpr size_t natural_align = default_alignment;
  static constexpr auto full_name = name_of<Level>("arena");
  static constexpr const char* name = full_name.text;
  static constexpr layout typical{24, alignof(void*)};

  static layout shape(uint32_t bits) {
    return {random_size(bits, 200), random_align(bits >> 16, 256)};
  }
  static bool accepts(const block&, layout) {
    return true;
  }
  // Everything from the end of the header to the end of the newest block, padding included.
  static size_t bytes_in_use(region memory, const block* live, size_t count) {
    if (count == 0) {
      return 0;
    }
    const block& newest = live[count - 1];
    return reinterpret_cast<uintptr_t>(newest.begin) + at_least_one(newest.size) -
           detail::round_up(memory.address(), alignof(engine::arena_core::chunk_header)) -
           engine::arena_core::header_bytes;
  }
  static size_t required(size_t count, size_t region_align) {
    return count > SIZE_MAX / 64 ? SIZE_MAX
                                 : allocator::required_bytes(count * typical.size, region_align);
  }
};

}  // namespace acre::test
