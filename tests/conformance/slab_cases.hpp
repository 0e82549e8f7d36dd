// SPDX-License-Identifier: MIT
// The slab allocator as a case of the laws: bitmaps of one word and of several, in the slab and out
// of band.
#pragma once

#include "conformance/cases.hpp"

#include <acre/slab.hpp>

namespace acre::test {

// Narrow: at most a word's worth of objects in a slab, with exactly that many out of band.
using narrow_classes =
    detail::conditional_t<sizeof(void*) == 8, size_classes<8, 16, 24, 40, 64, 128>,
                          size_classes<16, 24, 40, 64, 128>>;
using wide_classes = size_classes<8, 16, 24, 40, 64, 128>;

enum class bitmap : uint8_t { narrow, wide };

template <bitmap Width, slab_metadata Metadata, check_level Level>
struct slab_case : common_case {
  static constexpr size_t slab_bytes =
      Width == bitmap::narrow ? narrow_slab_bytes : wide_slab_bytes;
  using classes = detail::conditional_t<Width == bitmap::narrow, narrow_classes, wide_classes>;
  using allocator = slab<classes, watched<Level>, slab_bytes, Metadata>;
  static_assert(
      (detail::slab_tables<classes, slab_bytes, Metadata == slab_metadata::out_of_band>::words >
       1) == (Width == bitmap::wide));

  static constexpr auto names_0 = name_of<Level>("slab_narrow_in_slab");
  static constexpr auto names_1 = name_of<Level>("slab_narrow_out_of_band");
  static constexpr auto names_2 = name_of<Level>("slab_wide_in_slab");
  static constexpr auto names_3 = name_of<Level>("slab_wide_out_of_band");
  static constexpr const char* name = Metadata == slab_metadata::in_slab
                                          ? (Width == bitmap::narrow ? names_0.text : names_2.text)
                                          : (Width == bitmap::narrow ? names_1.text : names_3.text);
  static constexpr layout typical{24, 8};

  static size_t charge(layout l) {
    return allocator::block_bytes(l);
  }
  static layout shape(uint32_t bits) {
    layout wanted{(bits >> 8) % (classes::largest + 1), random_align(bits, 128)};
    while (charge(wanted) == 0) {
      wanted.align /= 2;
    }
    return wanted;
  }
  // Of a size that the class serves, whatever its alignment; or of the class.
  static bool accepts(const block& live, layout given) {
    const size_t size = charge(live.request());
    return (given.size <= classes::largest && charge({given.size, 1}) == size) ||
           charge(given) == size;
  }
  static size_t bytes_in_use(region, const block* live, size_t count) {
    return sum_over(live, count, [](const block& b) { return charge(b.request()); });
  }
  static size_t required(size_t count, size_t region_align) {
    return allocator::required_bytes(count, typical, region_align);
  }
  static size_t interior_align(const block& live) {
    const size_t align = detail::lowest_bit(charge(live.request()));
    return Metadata == slab_metadata::in_slab ? detail::min_of(align, default_alignment) : align;
  }
};

template <bitmap Width, slab_metadata Metadata>
using slab_cases_of = ::testing::Types<slab_case<Width, Metadata, check_level::none>,
                                       slab_case<Width, Metadata, check_level::basic>,
                                       slab_case<Width, Metadata, check_level::full>>;

}  // namespace acre::test
