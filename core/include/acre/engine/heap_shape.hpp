// SPDX-License-Identifier: MIT
// engine::heap_shape: what follows from the largest heap and the alignment, all at compile time: the
// width of a header, the bins, and the sizes of blocks.
//
// A header and a link are one word. Words hold sizes and offsets as bytes, shifted right by `scale`
// where that makes a narrower word do; two bits stay free for flags. With 8-byte alignment:
//
//    largest heap   word        header   smallest block
//    64 KiB         16 bits       2 B         8 B
//    128 KiB        16 bits       2 B         8 B      scale 1
//    4 GiB          32 bits       4 B        16 B
//
// Bins: one for each size up to `linear`, so that every fit there is exact, and four for each power of
// two above.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/hot.hpp>
#include <acre/detail/meta.hpp>

namespace acre::inline ACRE_ABI::engine {

template <size_t MaxBytes, size_t Align>
struct heap_shape {
  static_assert(detail::is_power_of_two(Align) && Align >= 4 && Align <= 16,
                "a heap's natural alignment is 4, 8 or 16 bytes");
  static_assert(MaxBytes >= 64, "a heap has at least 64 bytes");
  static_assert(MaxBytes <= SIZE_MAX / 4, "larger than any object can be");

  /// Flags in the low bits of a header.
  static constexpr size_t left_is_free = 1;
  static constexpr size_t in_use = 2;
  static constexpr size_t flags = left_is_free | in_use;

  static constexpr unsigned scale_max = detail::floor_log2(Align) - 2;
  using word = detail::conditional_t<
      ((MaxBytes - 1) >> scale_max) <= UINT16_MAX, uint16_t,
      detail::conditional_t<((MaxBytes - 1) >> scale_max) <= UINT32_MAX, uint32_t, size_t>>;

  static constexpr size_t max_bytes = MaxBytes;
  static constexpr size_t align = Align;
  static constexpr size_t word_bytes = sizeof(word);
  /// Only as large as it has to be: a shift is an instruction on a Cortex-M0.
  static constexpr unsigned scale = [] {
    unsigned s = 0;
    while (((MaxBytes - 1) >> s) > static_cast<word>(-1)) {
      ++s;
    }
    return s;
  }();

  /// A free block has a header, two links and a footer.
  static constexpr size_t smallest_block = detail::round_up(4 * word_bytes, Align);
  /// From a region's begin, rounded up to `align`, to the first block.
  static constexpr size_t lead = smallest_block;

  /// The size of the block that serves a request; header included. The caller bounds `size`.
  static constexpr size_t block_for(size_t size) noexcept {
    const size_t block = detail::round_down(size + word_bytes + Align - 1, Align);
    if constexpr (smallest_block > Align) {
      return detail::max_of(block, smallest_block);
    } else {
      return block;
    }
  }

  static constexpr unsigned sub_bits = 2;
  static constexpr unsigned linear_log2 =
      detail::floor_log2(Align) + (MaxBytes <= 16 * 1024 ? 5 : 6);
  static constexpr size_t linear = size_t{1} << linear_log2;

  ACRE_HOT static constexpr size_t bin_of(size_t block) noexcept {
    if (block < linear) {
      return block / Align;
    }
    // 4 .. 7 in steps of a quarter of the power of two, and 4 more for each power of two.
    const unsigned shift = detail::floor_log2(block) - sub_bits;
    return (block >> shift) + (size_t{shift} << sub_bits) + linear / Align -
           ((linear >> (linear_log2 - sub_bits)) + ((linear_log2 - sub_bits) << sub_bits));
  }

  /// The largest block that shares a bin with `block`.
  static constexpr size_t largest_in_bin_of(size_t block) noexcept {
    if (block < linear) {
      return block;
    }
    const size_t step = size_t{1} << (detail::floor_log2(block) - sub_bits);
    return detail::round_down(block, step) + step - Align;
  }

  static constexpr size_t bins = bin_of(MaxBytes - 1) + 1;

  static_assert(bin_of(linear - Align) + 1 == bin_of(linear));
  static_assert(bin_of(2 * linear - 1) + 1 == bin_of(2 * linear));
  static_assert(smallest_block >= 4 * word_bytes);
  static_assert(Align >= word_bytes, "so large a heap needs a larger natural alignment");
};

}  // namespace acre::engine
