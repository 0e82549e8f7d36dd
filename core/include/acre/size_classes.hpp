// SPDX-License-Identifier: MIT
// size_classes: which object sizes a slab allocator keeps, chosen at compile time.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/config.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/slab_table.hpp>

namespace acre::inline ACRE_ABI {

/// The object sizes of a slab allocator in bytes: increasing, each a multiple of sizeof(void*).
/// A request is served from the smallest class that is large enough and aligned well enough.
template <size_t... Sizes>
struct size_classes {
  static constexpr size_t count = sizeof...(Sizes);
  static constexpr size_t sizes[count] = {Sizes...};
  static constexpr size_t largest = sizes[count - 1];

  static_assert(count > 0 && count < engine::no_class);
  static_assert(largest <= SIZE_MAX / 2, "no object is larger");
  static_assert(
      [] {
        size_t previous = 0;
        for (const size_t size : sizes) {
          if (size <= previous || size % engine::slab_granule != 0) {
            return false;
          }
          previous = size;
        }
        return true;
      }(),
      "size classes increase, in multiples of sizeof(void*)");
};

/// Sixteen classes from 16 to 512 bytes, four a doubling above 64: at most a fifth of a block is
/// lost to rounding there. For slabs of 2 KiB and more.
using large_size_classes =
    size_classes<16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512>;

/// Eight classes from 8 to 128 bytes, for slabs of a few hundred bytes.
using small_size_classes = size_classes<8, 16, 24, 32, 48, 64, 96, 128>;

/// Five classes from 8 to 48 bytes, for slabs of 128 and 256 bytes.
using tiny_size_classes = size_classes<8, 16, 24, 32, 48>;

/// What suits the configured slab size.
using default_size_classes = detail::conditional_t<
    (config::slab_bytes >= 2048), large_size_classes,
    detail::conditional_t<(config::slab_bytes >= 512), small_size_classes, tiny_size_classes>>;

namespace detail {

/// The tables of one slab allocator, in read-only memory.
template <class Classes, size_t SlabBytes, bool OutOfBand>
struct slab_tables {
  static_assert(is_power_of_two(SlabBytes), "a slab's size is a power of two");

  struct class_array {
    engine::slab_class of[Classes::count];
  };
  struct granule_array {
    uint8_t of[Classes::largest / engine::slab_granule + 1];
  };

  static constexpr class_array classes = [] {
    class_array result{};
    engine::describe_slab_classes(result.of, Classes::sizes, Classes::count, SlabBytes, OutOfBand);
    return result;
  }();
  static constexpr granule_array granules = [] {
    granule_array result{};
    engine::map_slab_granules(result.of, Classes::sizes, Classes::count);
    return result;
  }();
  static constexpr auto extremes = engine::slab_extremes::of(classes.of, Classes::count);
  static constexpr size_t words = extremes.words;
  static constexpr size_t align = extremes.align;
  static constexpr size_t header_bytes =
      sizeof(engine::slab_header) + words * sizeof(engine::slab_word);

  static_assert(words <= engine::slab_word_bits, "too many objects in a slab: use smaller slabs");
  static_assert(
      extremes.least_objects > 0,
      "the largest size class does not fit into a slab: use larger slabs or metadata out of band");

  static constexpr size_t count = Classes::count;
  static constexpr size_t slab_bytes = SlabBytes;
  static constexpr unsigned slab_shift = floor_log2(SlabBytes);
  static constexpr bool out_of_band = OutOfBand;
  static constexpr bool wide = words > 1;
  static constexpr bool single = count == 1;
  /// The head of each class's list.
  using lists = engine::slab_header* [count];

  template <void (*Destroy)(void*) noexcept, bool Filled>
  static constexpr const engine::slab_table& table() noexcept {
    return description<Destroy, Filled>;
  }

  /// The class that serves `l`; count if there is none.
  static constexpr unsigned class_for(layout l) noexcept {
    return engine::slab_class_for(classes.of, granules.of, count, Classes::largest,
                                  extremes.least_align, l);
  }
  /// Would a request like this come from this class? By size, at once; an alignment that lifts a request
  /// into a larger class takes the long way.
  static bool fits(unsigned index, layout given) noexcept {
    const engine::slab_class& c = classes.of[single ? 0 : index];
    return given.size - c.from <= c.span || is_lifted(index, given.size, given.align);
  }

 private:
  [[gnu::cold, gnu::noinline]] static bool is_lifted(unsigned index, size_t bytes,
                                                     size_t alignment) noexcept {
    return class_for({bytes, alignment}) == index;
  }
  template <void (*Destroy)(void*) noexcept, bool Filled>
  static constexpr engine::slab_table description{.classes = classes.of,
                                                  .destroy = Destroy,
                                                  .align = align,
                                                  .header_bytes = header_bytes,
                                                  .slab_shift = slab_shift,
                                                  .class_count = count,
                                                  .out_of_band = OutOfBand,
                                                  .filled = Filled,
                                                  .wide = wide};
};

}  // namespace detail
}  // namespace acre
