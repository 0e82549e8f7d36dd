// SPDX-License-Identifier: MIT
// The heap as a case of the laws: headers of 16 and of 32 bits, and of 16 bits that count in words.
#pragma once

#include "conformance/cases.hpp"

#include <acre/heap.hpp>

namespace acre::test {

inline constexpr size_t small_heap = 16 * 1024;
inline constexpr size_t scaled_heap = 128 * 1024;
inline constexpr size_t wide_heap = 1024 * 1024;

/// What holds for a heap<> `Cxx`, also where the model calls it through another type, `Subject`.
template <class Cxx, class Subject = Cxx>
struct heap_rules : common_case {
  using allocator = Subject;

  static constexpr size_t natural_align = Cxx::natural_alignment;
  static constexpr layout typical{24, 8};

  // Which the model's blocks are of: the size of a block does not follow from its request alone.
  static inline const allocator* current = nullptr;

  static void* allocate(allocator& a, layout wanted) {
    current = &a;
    return a.allocate(wanted);
  }
  static size_t block_size(const block& live) {
    return current->usable_size(live.begin) + Cxx::header_bytes;
  }
  static layout shape(uint32_t bits) {
    return any_shape(bits);
  }
  // A block may be larger than its request by less than what makes a block of its own.
  static bool accepts(const block& live, layout given) {
    if (given.size > Cxx::max_bytes) {
      return false;
    }
    const size_t least = Cxx::block_bytes({given.size, 1});
    const size_t size = block_size(live);
    return least <= size && size - least + natural_align <= Cxx::smallest_block &&
           (reinterpret_cast<uintptr_t>(live.begin) & (given.align - 1)) == 0;
  }
  static size_t bytes_in_use(region, const block* live, size_t count) {
    return sum_over(live, count, block_size);
  }
  static size_t interior_align(const block&) {
    return natural_align;
  }
};

template <size_t MaxBytes, check_level Level>
struct heap_case : heap_rules<heap<MaxBytes, watched<Level>>> {
  using rules = heap_rules<heap<MaxBytes, watched<Level>>>;
  using typename rules::allocator;
  static_assert(allocator::header_bytes == (MaxBytes == wide_heap ? 4 : 2));

  static constexpr auto name_small = name_of<Level>("heap_small");
  static constexpr auto name_scaled = name_of<Level>("heap_scaled");
  static constexpr auto name_wide = name_of<Level>("heap_wide");
  static constexpr const char* name = MaxBytes == small_heap    ? name_small.text
                                      : MaxBytes == scaled_heap ? name_scaled.text
                                                                : name_wide.text;

  static size_t required(size_t count, size_t region_align) {
    constexpr layout typical = rules::typical;
    const size_t each = allocator::block_bytes(typical);
    return allocator::required_bytes(count > SIZE_MAX / each ? SIZE_MAX : count * each,
                                     typical.size, typical.size, region_align);
  }
};

template <size_t MaxBytes>
using heap_cases_of = ::testing::Types<heap_case<MaxBytes, check_level::none>,
                                       heap_case<MaxBytes, check_level::basic>,
                                       heap_case<MaxBytes, check_level::full>>;
template <size_t MaxBytes>
using checked_heap_cases_of = ::testing::Types<heap_case<MaxBytes, check_level::basic>,
                                               heap_case<MaxBytes, check_level::full>>;

}  // namespace acre::test
