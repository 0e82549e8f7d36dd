// SPDX-License-Identifier: MIT
// slab_table: all that a slab engine needs to know of its size classes, computed at compile time and
// kept in flash.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/layout.hpp>

namespace acre::engine {

/// Sizes are multiples of this; the map from sizes to classes has one byte for each multiple.
inline constexpr size_t slab_granule = sizeof(void*);
inline constexpr uint8_t no_class = 0xFF;

/// A word of a slab's bitmap; a set bit is a free object.
using slab_word = size_t;
inline constexpr size_t slab_word_bits = detail::size_bits;

struct slab_header {
  slab_header* next;       // in its class's list of slabs with a free object
  slab_header* previous;
  unsigned char* objects;  // the first one
  slab_word summary;       // bit w: bits()[w] is not 0; used where a bitmap has several words
  size_t in_use;           // likewise
  uint8_t class_index;     // no_class while the slab is in nobody's hands

  [[nodiscard]] slab_word* bits() noexcept {
    return reinterpret_cast<slab_word*>(this + 1);
  }
  [[nodiscard]] const slab_word* bits() const noexcept {
    return reinterpret_cast<const slab_word*>(this + 1);
  }
};

struct slab_class {
  detail::exact_divisor divisor;  // of size
  size_t size;
  size_t align;         // of every object
  size_t first;         // offset of the first object in its slab
  size_t objects;       // in a slab
  size_t words;         // of bitmap
  slab_word last_word;  // the last word of a bitmap with nothing in use; those before are all ones

  static constexpr slab_class of(size_t size, size_t slab_bytes, bool out_of_band) noexcept {
    slab_class c{};
    c.divisor = detail::exact_divisor::of(size);
    c.size = size;
    // A header in the slab moves the objects; a large alignment would turn that into a large gap.
    c.align = detail::min_of(detail::lowest_bit(size), out_of_band ? slab_bytes : default_alignment);
    c.words = (slab_bytes / size + slab_word_bits - 1) / slab_word_bits;
    const size_t header = sizeof(slab_header) + c.words * sizeof(slab_word);
    c.first = out_of_band ? 0 : detail::round_up(header, c.align);
    c.objects = c.first + size > slab_bytes ? 0 : (slab_bytes - c.first) / size;
    c.words = (c.objects + slab_word_bits - 1) / slab_word_bits;
    const size_t rest = c.objects % slab_word_bits;
    c.last_word = rest == 0 ? ~slab_word{0} : (slab_word{1} << rest) - 1;
    return c;
  }
};

struct slab_table {
  const slab_class* classes;
  const uint8_t* class_of_granules;  // [ceil(size / slab_granule)]
  void (*construct)(void*) noexcept;  // run on each object of a slab when its class takes it; or null
  void (*destroy)(void*) noexcept;    // run on each object before its slab is given back; or null
  size_t largest;                     // class, in bytes
  size_t align;                       // the largest of all classes
  size_t header_bytes;                // of the largest header, where headers are out of band
  uint8_t slab_shift;
  uint8_t class_count;
  bool out_of_band;  // headers in an array behind the slabs, not in each slab
  bool retain;       // keep slabs with nothing in use until trim()

  /// The class that serves `l`; class_count if there is none. O(1) for alignments up to
  /// default_alignment, else O(classes).
  [[nodiscard]] constexpr unsigned class_for(layout l) const noexcept {
    if (l.size > largest || !l.valid()) {
      return class_count;
    }
    unsigned index = class_of_granules[(l.size + slab_granule - 1) / slab_granule];
    while (index < class_count && classes[index].align < l.align) {
      ++index;
    }
    return index;
  }
};

}  // namespace acre::engine
