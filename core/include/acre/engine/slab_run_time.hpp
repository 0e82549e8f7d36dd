// SPDX-License-Identifier: MIT
// slab_run_time_tables: size classes that are known at run time only, for engine::slab. The tables lie
// where the caller puts them; a program whose classes are constants has them in flash (size_classes.hpp).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/engine/slab_table.hpp>
#include <acre/layout.hpp>
#include <acre/status.hpp>

namespace acre::inline ACRE_ABI::engine {

/// Unlike in tables of constants, every bitmap has a summary and a count, and no class is the only one.
template <bool OutOfBand>
class slab_run_time_tables {
 public:
  static constexpr size_t classes_max = no_class - 1;

  /// The bytes of the tables, the heads of the lists among them, which begin at alignof(slab_class).
  static constexpr size_t bytes_for(size_t count, size_t largest) noexcept {
    return count * (sizeof(slab_class) + sizeof(slab_header*)) + largest / slab_granule + 1;
  }

  /// The bytes of a slab and of what is kept of it elsewhere, and its alignment, for valid() sizes.
  static constexpr size_t bytes_for_slab(const size_t* sizes, size_t slab_bytes) noexcept {
    // The smallest objects have the largest bitmap.
    const size_t words = slab_class::of(sizes[0], 1, slab_bytes, OutOfBand).words;
    return slab_bytes + (OutOfBand ? sizeof(slab_header) + words * sizeof(slab_word) : 0);
  }
  static constexpr size_t align_for(const size_t* sizes, size_t count, size_t slab_bytes) noexcept {
    size_t most = alignof(slab_header);
    for (size_t i = 0; i < count; ++i) {
      most = detail::max_of(most, slab_class::of(sizes[i], 1, slab_bytes, OutOfBand).align());
    }
    return most;
  }

  /// Can these be the sizes of classes of slabs of `slab_bytes`?
  static constexpr bool valid(const size_t* sizes, size_t count, size_t slab_bytes) noexcept {
    if (count == 0 || count > classes_max || !detail::is_power_of_two(slab_bytes) ||
        slab_bytes > SIZE_MAX / 8) {
      return false;
    }
    size_t previous = 0;
    for (size_t i = 0; i < count; ++i) {
      if (sizes[i] <= previous || sizes[i] % slab_granule != 0 || sizes[i] > slab_bytes ||
          slab_bytes / sizes[i] > slab_word_bits * slab_word_bits ||
          slab_class::of(sizes[i], 1, slab_bytes, OutOfBand).objects == 0) {
        return false;
      }
      previous = sizes[i];
    }
    return true;
  }

 protected:
  static constexpr bool out_of_band = OutOfBand;
  static constexpr bool wide = true;
  static constexpr bool single = false;
  using lists = slab_header**;

  /// Before init(): writes the tables of valid() sizes to `memory`. Returns where the lists are.
  lists describe(void* memory, const size_t* sizes, size_t class_count, size_t slab_bytes,
                 bool filled) noexcept {
    classes.of = static_cast<slab_class*>(memory);
    count = static_cast<unsigned>(class_count);
    auto* const heads = reinterpret_cast<slab_header**>(classes.of + count);
    auto* const map = reinterpret_cast<uint8_t*>(heads + count);
    describe_slab_classes(classes.of, sizes, count, slab_bytes, OutOfBand);
    map_slab_granules(map, sizes, count);
    const auto extremes = slab_extremes::of(classes.of, count);
    granules = map;
    largest = sizes[count - 1];
    least_align = extremes.least_align;
    header_bytes = sizeof(slab_header) + extremes.words * sizeof(slab_word);
    slab_shift = detail::floor_log2(slab_bytes);
    table_ = {.classes = classes.of,
              .destroy = nullptr,
              .align = extremes.align,
              .header_bytes = header_bytes,
              .slab_shift = static_cast<uint8_t>(slab_shift),
              .class_count = static_cast<uint8_t>(count),
              .out_of_band = OutOfBand,
              .filled = filled,
              .wide = wide};
    return heads;
  }

  [[nodiscard]] unsigned class_for(layout l) const noexcept {
    return slab_class_for(classes.of, granules, count, largest, least_align, l);
  }
  [[nodiscard]] bool fits(unsigned index, layout given) const noexcept {
    const slab_class& c = classes.of[index];
    return given.size - c.from <= c.span || class_for(given) == index;
  }
  /// The size of the block that serves `l`; 0 if no class does.
  [[nodiscard]] size_t block_size(layout l) const noexcept {
    const unsigned index = class_for(l);
    return index < count ? classes.of[index].size : 0;
  }
  template <void (*Destroy)(void*) noexcept, bool Filled>
  [[nodiscard]] const slab_table& table() const noexcept {
    return table_;
  }

  struct {
    slab_class* of;
  } classes{};
  const uint8_t* granules = nullptr;
  size_t largest = 0;
  size_t least_align = 0;
  size_t header_bytes = 0;
  unsigned count = 0;
  unsigned slab_shift = 0;

 private:
  slab_table table_{};
};

}  // namespace acre::engine
