// SPDX-License-Identifier: MIT
// The stack as a case of the laws: one case for each side.
#pragma once

#include "conformance/cases.hpp"

#include <acre/stack.hpp>

namespace acre::test {

template <stack_side Side, check_level Level>
struct stack_case : common_case {
  using allocator = stack<watched<Level>>;
  static constexpr giving order = giving::newest_first;
  static constexpr size_t natural_align = default_alignment;
  static constexpr auto low_name = name_of<Level>("stack_low");
  static constexpr auto high_name = name_of<Level>("stack_high");
  static constexpr const char* name = Side == stack_side::low ? low_name.text : high_name.text;
  static constexpr layout typical{24, 8};

  static void* allocate(allocator& a, layout wanted) {
    return a.allocate(wanted, Side);
  }
  static layout shape(uint32_t bits) {
    return {random_size(bits, 200), random_align(bits >> 16, 256)};
  }
  static bool accepts(const block& live, layout given) {
    return given.valid() && at_least_one(given.size) == at_least_one(live.size);
  }
  // From the side's end of the region to the header of the newest block, without the other headers.
  static size_t bytes_in_use(region memory, const block* live, size_t count) {
    if (count == 0) {
      return 0;
    }
    const auto newest = reinterpret_cast<uintptr_t>(live[count - 1].begin);
    const size_t span =
        Side == stack_side::low
            ? detail::round_up(newest + at_least_one(live[count - 1].size), default_alignment) -
                  detail::round_up(memory.address(), default_alignment)
            : detail::round_down(memory.address() + memory.size, default_alignment) - newest;
    return span - (count - 1) * allocator::header_bytes;
  }
  static size_t required(size_t count, size_t) {
    return count > SIZE_MAX / 64
               ? SIZE_MAX
               : allocator::required_bytes(count * typical.size, count, typical.align);
  }
};

template <check_level Level>
using stack_low = stack_case<stack_side::low, Level>;
template <check_level Level>
using stack_high = stack_case<stack_side::high, Level>;

}  // namespace acre::test
