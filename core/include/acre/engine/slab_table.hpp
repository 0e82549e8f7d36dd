// SPDX-License-Identifier: MIT
// slab_table: all that a slab engine needs to know of its size classes, computed at compile time and
// kept in flash.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/layout.hpp>

namespace acre::inline ACRE_ABI::engine {

/// Sizes are multiples of this; the map from sizes to classes has one byte for each multiple.
inline constexpr size_t slab_granule = sizeof(void*);
inline constexpr uint8_t no_class = 0xFF;

/// A word of a slab's bitmap; a set bit is a free object.
using slab_word = size_t;
inline constexpr size_t slab_word_bits = detail::size_bits;

struct slab_header {
  slab_header* next;  // in its class's list of slabs with a free object, or of empty slabs
  slab_header* previous;
  uintptr_t start;      // of the slab's memory; kept where headers are out of band
  slab_word summary;    // bit w: bits()[w] is not 0; kept where a bitmap has several words
  size_t in_use;        // likewise; in an empty slab, at level full, the class that it was of
  uint8_t class_index;  // no_class while the slab is in nobody's hands

  [[nodiscard]] slab_word* bits() noexcept {
    return reinterpret_cast<slab_word*>(this + 1);
  }
  [[nodiscard]] const slab_word* bits() const noexcept {
    return reinterpret_cast<const slab_word*>(this + 1);
  }
};

struct slab_class {
  size_t inverse;       // with shift: detail::exact_divisor of size
  size_t first;         // offset of the first object in its slab
  size_t objects;       // in a slab
  slab_word last_word;  // the last word of a bitmap with nothing in use; those before are all ones
  size_t size;
  size_t from;  // the smallest size that is served from this class, alignment aside
  size_t span;  // size - from
  uint8_t shift;
  uint8_t align_shift;
  uint8_t words;  // of bitmap

  /// Of every object.
  [[nodiscard]] constexpr size_t align() const noexcept {
    return size_t{1} << align_shift;
  }

  [[nodiscard]] constexpr size_t index(size_t offset) const noexcept {
    return detail::exact_divisor{inverse, shift}.index(offset);
  }

  static constexpr slab_class of(size_t size, size_t from, size_t slab_bytes,
                                 bool out_of_band) noexcept {
    const auto divisor = detail::exact_divisor::of(size);
    // A header in the slab moves the objects; a large alignment would turn that into a large gap.
    const size_t align =
        detail::min_of(detail::lowest_bit(size), out_of_band ? slab_bytes : default_alignment);
    const size_t most_words = (slab_bytes / size + slab_word_bits - 1) / slab_word_bits;
    const size_t header = sizeof(slab_header) + most_words * sizeof(slab_word);
    const size_t first = out_of_band ? 0 : detail::round_up(header, align);
    const size_t objects = first + size > slab_bytes ? 0 : (slab_bytes - first) / size;
    const size_t rest = objects % slab_word_bits;
    return {.inverse = divisor.inverse,
            .first = first,
            .objects = objects,
            .last_word = rest == 0 ? ~slab_word{0} : (slab_word{1} << rest) - 1,
            .size = size,
            .from = from,
            .span = size - from,
            .shift = static_cast<uint8_t>(divisor.shift),
            .align_shift = static_cast<uint8_t>(detail::floor_log2(align)),
            .words = static_cast<uint8_t>((objects + slab_word_bits - 1) / slab_word_bits)};
  }
};

// Hot paths index a table of these: a power of two on 32-bit cores makes that a shift.
static_assert(sizeof(slab_class) == 8 * sizeof(size_t));

/// What the tables of both kinds are made by: `sizes` increase, in multiples of slab_granule.
constexpr void describe_slab_classes(slab_class* classes, const size_t* sizes, size_t count,
                                     size_t slab_bytes, bool out_of_band) noexcept {
  for (size_t i = 0; i < count; ++i) {
    classes[i] = slab_class::of(sizes[i], i == 0 ? 0 : sizes[i - 1] + 1, slab_bytes, out_of_band);
  }
}
/// The class of each multiple of slab_granule, up to the largest size.
constexpr void map_slab_granules(uint8_t* granules, const size_t* sizes, size_t count) noexcept {
  size_t index = 0;
  for (size_t granule = 0; granule <= sizes[count - 1] / slab_granule; ++granule) {
    if (granule * slab_granule > sizes[index]) {
      ++index;
    }
    granules[granule] = static_cast<uint8_t>(index);
  }
}
/// The largest and the smallest of something over all classes.
struct slab_extremes {
  size_t words;
  size_t align;
  size_t least_align;
  size_t least_objects;

  static constexpr slab_extremes of(const slab_class* classes, size_t count) noexcept {
    slab_extremes result{0, 0, SIZE_MAX, SIZE_MAX};
    for (size_t i = 0; i < count; ++i) {
      result.words = detail::max_of(result.words, size_t{classes[i].words});
      result.align = detail::max_of(result.align, classes[i].align());
      result.least_align = detail::min_of(result.least_align, classes[i].align());
      result.least_objects = detail::min_of(result.least_objects, classes[i].objects);
    }
    return result;
  }
};

/// The class that serves `l`; count if there is none. O(1) for alignments that every class has, else
/// O(classes).
[[gnu::always_inline]] constexpr unsigned slab_class_for(const slab_class* classes,
                                                         const uint8_t* granules, unsigned count,
                                                         size_t largest, size_t least_align,
                                                         layout l) noexcept {
  // Not l.valid(): no class is so large that its bound on the size matters.
  if (l.size > largest || !detail::is_power_of_two(l.align)) {
    return count;
  }
  unsigned index = granules[(l.size + slab_granule - 1) / slab_granule];
  if (l.align > least_align) [[unlikely]] {
    while (index < count && classes[index].align() < l.align) {
      ++index;
    }
  }
  return index;
}

/// The same for all slab allocators, as plain values for what is compiled once: audits and refusals.
struct slab_table {
  const slab_class* classes;
  void (*destroy)(void*) noexcept;  // run on each object before its slab is given back; or null
  size_t align;                     // the largest of all classes
  size_t header_bytes;              // of the largest header, where headers are out of band
  uint8_t slab_shift;
  uint8_t class_count;
  bool out_of_band;  // headers in an array behind the slabs, not in each slab
  bool filled;       // free objects hold the poison pattern
  bool wide;         // some bitmap has several words, so that summary and in_use are kept
};

}  // namespace acre::engine
