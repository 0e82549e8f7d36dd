// SPDX-License-Identifier: MIT
// cached_sizes: of which sizes a thread_cache keeps blocks in front of an allocator, if nobody says.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/concepts.hpp>
#include <acre/config.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/engine/slab_table.hpp>
#include <acre/policies.hpp>
#include <acre/port/detail/block_states.hpp>
#include <acre/port/detail/cache_store.hpp>
#include <acre/size_classes.hpp>
#include <acre/slab.hpp>

namespace acre::inline ACRE_ABI::detail {

/// Blocks of one size, whatever is asked for: the pools.
template <class A>
concept fixed_size_allocator = requires {
  { A::block_alignment } -> same_as<const size_t&>;
  { A::block_bytes } -> same_as<const size_t&>;
};

template <size_t Size>
struct one_size {
  static constexpr size_t count = 1;
  static constexpr size_t sizes[] = {Size};
  static constexpr size_t largest = Size;
};

/// Four a doubling above 64 bytes, up to 4 KiB.
using general_sizes =
    size_classes<16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768,
                 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096>;

/// The sizes for an allocator, and what it aligns every block to.
template <class A>
struct cached_sizes {
  using type = general_sizes;
  static constexpr size_t granule = default_alignment;
};
template <class A>
requires requires {
  A::natural_alignment;
}
struct cached_sizes<A> {
  using type = general_sizes;
  static constexpr size_t granule = A::natural_alignment;
};
template <fixed_size_allocator A>
struct cached_sizes<A> {
  using type = one_size<A::block_bytes>;
  static constexpr size_t granule = A::block_alignment;
};
template <class Classes, class Policies, size_t SlabBytes, slab_metadata Metadata>
struct cached_sizes<slab<Classes, Policies, SlabBytes, Metadata>> {
  using type = Classes;
  static constexpr size_t granule =
      slab_tables<Classes, SlabBytes, Metadata == slab_metadata::out_of_band>::extremes.least_align;
};

template <class A>
using cached_sizes_of = typename cached_sizes<A>::type;
template <class A>
inline constexpr size_t granule_of = cached_sizes<A>::granule;

/// As the allocator checks; the default where it has no policies to say so.
template <class A>
struct checks_of_allocator {
  using type = default_checks;
};
template <class A>
requires requires {
  A::policies_type::level;
}
struct checks_of_allocator<A> {
  using type = checks<A::policies_type::level>;
};
template <class A>
using checks_of = typename checks_of_allocator<A>::type;

/// Which class serves a request.
template <class Classes, size_t Granule>
struct cached_classes {
  static constexpr unsigned count = Classes::count;
  static constexpr const auto& sizes = Classes::sizes;
  static constexpr size_t granule = Granule;
  static_assert(count <= cached_classes_max, "a block's word has no room for more classes");
  static_assert(is_power_of_two(granule) && granule <= block_states::stretch_bytes);

  /// count if none does.
  [[gnu::always_inline]] static constexpr unsigned of(layout wanted) noexcept {
    if (wanted.size > Classes::largest || wanted.align > granule ||
        !is_power_of_two(wanted.align)) {
      return count;
    }
    if constexpr (count == 1) {
      return 0;
    } else {
      return granules.of[(wanted.size + engine::slab_granule - 1) / engine::slab_granule];
    }
  }

  struct class_array {
    cached_class of[count];
  };
  /// What follows from the sizes, if a magazine has room for so many bytes, and a block at least.
  static constexpr class_array table(size_t magazine_bytes, size_t depot_magazines) noexcept {
    class_array result{};
    for (unsigned c = 0; c < count; ++c) {
      const size_t blocks = min_of(magazine_bytes / sizes[c], magazine_blocks_max);
      result.of[c] = {sizes[c], static_cast<uint32_t>(max_of(blocks, size_t{1})),
                      static_cast<uint32_t>(depot_magazines)};
    }
    return result;
  }

 private:
  struct granule_array {
    uint8_t of[count == 1 ? 1 : Classes::largest / engine::slab_granule + 1];
  };
  static constexpr granule_array granules = [] {
    granule_array result{};
    if constexpr (count > 1) {
      engine::map_slab_granules(result.of, Classes::sizes, count);
    }
    return result;
  }();
};

}  // namespace acre::detail
