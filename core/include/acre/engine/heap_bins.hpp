// SPDX-License-Identifier: MIT
// engine::heap_bins: the free blocks of a heap, in a doubly linked list for each bin, and a bitmap of
// the bins that are not empty.
//
// Blocks are named by their offset from `origin`, in words (see heap_shape). A block's address `p` is
// that of its payload; its header lies directly before:
//
//    live    | header | payload ...                      | header of the next
//    free    | header | prev | next | ...       | footer | header of the next
//                     ^ p
//
// `prev` of the first block in a list is a tag, 2 * bin + 1: odd, so never an offset. So a block can be
// unlinked without knowing its bin, and without computing it.
//
// Bin 0, which no size maps to, holds one block at most, the *remainder*: what was left over by the
// last split, from which requests without an exact fit are carved first.
//
// The first words at origin belong to no block, and end every list without a branch:
//
//    word 0   written as `prev` of offset 0, which ends a list; never read
//    word 1   0: the header of `nothing`, a block of no size, which is the remainder when there is none
//    word 2   written as `prev` of nothing; never read
//
// I1  heads_[b] is the first block of bin b, or 0; heads_[0] is the remainder, or nothing; the bit of
//     bin b > 0 is set iff heads_[b] != 0; the bit of the bin behind the last is always set.
// I2  Each block in a list is free, next(prev(x)) = x, and its size belongs to the list's bin.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/hot.hpp>
#include <acre/engine/heap_shape.hpp>

namespace acre::inline ACRE_ABI::engine {

template <class Shape>
class heap_bins {
  using word = typename Shape::word;
  // The payload of a live block holds the user's objects, whatever their types.
  using field [[gnu::may_alias]] = word;

  static constexpr size_t words = Shape::bins / 32 + 1;
  static constexpr size_t word_bytes = Shape::word_bytes;

 protected:
  static constexpr size_t nothing = 2 * word_bytes >> Shape::scale;
  static constexpr size_t remainder_tag = 1;
  static constexpr size_t heads_at = words * sizeof(uint32_t) / word_bytes;

  [[gnu::always_inline]] static field& at(uintptr_t address) noexcept {
    return *reinterpret_cast<field*>(address);
  }
  [[gnu::always_inline]] static field& header(uintptr_t p) noexcept {
    return at(p - word_bytes);
  }
  /// The footer of the free block that ends at `p`.
  [[gnu::always_inline]] static field& footer_before(uintptr_t p) noexcept {
    return at(p - 2 * word_bytes);
  }
  [[gnu::always_inline]] static field& prev(uintptr_t p) noexcept {
    return at(p);
  }
  [[gnu::always_inline]] static field& next(uintptr_t p) noexcept {
    return at(p + word_bytes);
  }
  [[gnu::always_inline]] static size_t bytes(size_t value) noexcept {
    return value << Shape::scale;
  }
  [[gnu::always_inline]] static word packed(size_t value) noexcept {
    return static_cast<word>(value >> Shape::scale);
  }
  [[gnu::always_inline]] static size_t size_in(size_t head) noexcept {
    return bytes(head & ~Shape::flags);
  }

  /// Marks [p, p + size) as a free block: its header and its footer. Does not change `size`; by
  /// reference, so that the compiler keeps one register for it.
  [[gnu::always_inline]] static void write_free(uintptr_t p, size_t& size) noexcept {
    header(p) = packed(size);
    detail::forget_origin(size);
    footer_before(p + size) = packed(size);
    detail::forget_origin(size);
  }

  /// Ends the empty lists. All members are zero before.
  [[gnu::always_inline]] void start(uintptr_t origin) noexcept {
    bits_[words - 1] = detail::bit_from_top(Shape::bins);
    heads_[Shape::bins] = nothing;
    at(origin + word_bytes) = 0;
  }

  /// A pointer p with p[heads_at] the offset of the bin's first block: so the place of heads_ is a
  /// constant in the access, where gcc 12 by itself adds it first.
  [[gnu::always_inline]] word* slot(size_t bin) noexcept {
    auto* base = reinterpret_cast<unsigned char*>(this) + bin * word_bytes;
    detail::forget_origin(base);
    return reinterpret_cast<word*>(base);
  }
  [[gnu::always_inline]] word& head(size_t bin) noexcept {
    return slot(bin)[heads_at];
  }
  [[gnu::always_inline]] const word& head(size_t bin) const noexcept {
    return const_cast<heap_bins*>(this)->head(bin);
  }
  [[gnu::always_inline]] uintptr_t first_in(size_t bin, uintptr_t origin) const noexcept {
    return origin + bytes(head(bin));
  }
  [[gnu::always_inline]] bool is_empty(size_t bin) const noexcept {
    return head(bin) == 0;
  }
  [[gnu::always_inline]] uintptr_t remainder(uintptr_t origin) const noexcept {
    return origin + bytes(heads_[0]);
  }
  [[gnu::always_inline]] bool has_remainder() const noexcept {
    return heads_[0] > nothing;
  }
  [[gnu::always_inline]] void set_remainder(uintptr_t p, uintptr_t origin) noexcept {
    heads_[0] = packed(p - origin);
    prev(p) = remainder_tag;
    next(p) = nothing;
  }
  [[gnu::always_inline]] void drop_remainder() noexcept {
    heads_[0] = nothing;
  }

  [[gnu::always_inline]] static size_t tag_of(size_t bin) noexcept {
    return 2 * bin + 1;
  }

  /// list: head <-> a <-> b    ->    list: head <-> p <-> a <-> b
  ACRE_HOT void link(uintptr_t p, size_t bin, uintptr_t origin) noexcept {
    word* const in = slot(bin);
    size_t offset = p - origin;
    const size_t second = in[heads_at];
    in[heads_at] = packed(offset);
    prev(p) = static_cast<word>(tag_of(bin));
    next(p) = static_cast<word>(second);
    if (second == 0) {
      bits_[bin / 32] |= detail::bit_from_top(bin);
    } else {
      detail::forget_origin(offset);
      prev(origin + bytes(second)) = packed(offset);
    }
  }

  /// list: ... <-> p <-> a    ->    list: ... <-> a. The remainder as well: then there is none.
  ACRE_HOT void unlink(uintptr_t p, uintptr_t origin) noexcept {
    const size_t before = prev(p);
    const size_t behind = next(p);
    prev(origin + bytes(behind)) = static_cast<word>(before);
    if ((before & 1U) != 0) {
      head_of_tag(before) = static_cast<word>(behind);
      if (behind == 0) {
        bits_[before / 64] &= ~detail::bit_from_top(before / 2);
      }
    } else {
      next(origin + bytes(before)) = static_cast<word>(behind);
    }
  }

  /// The same for the first block of a bin that is known, and its slot.
  [[gnu::always_inline]] void unlink_first(uintptr_t p, word* in, size_t bin,
                                           uintptr_t origin) noexcept {
    const size_t second = next(p);
    in[heads_at] = static_cast<word>(second);
    if (second == 0) {
      bits_[bin / 32] &= ~detail::bit_from_top(bin);
    } else {
      detail::forget_origin(bin);
      prev(origin + bytes(second)) = static_cast<word>(tag_of(bin));
    }
  }

  /// The first bin from `bin` on that is not empty; the bin behind the last, whose first block is
  /// `nothing`, if all are. At most one step a word of the bitmap.
  ACRE_HOT size_t first_bin_from(size_t bin) const noexcept {
    const size_t start = bin / 32;
    uint32_t set = bits_[start] << (bin % 32);
    if (set == 0) {
      ACRE_UNROLL
      for (size_t i = 1; i < words; ++i) {
        if (i > start) {
          set = bits_[i];
          bin = 32 * i;
          if (i == words - 1 || set != 0) {
            break;
          }
        }
      }
    }
    return bin + detail::leading_zeros(set);
  }

  /// The last bin that is not empty; 0 if all are.
  [[nodiscard]] size_t last_bin() const noexcept {
    for (size_t bin = Shape::bins - 1; bin != 0;) {
      const uint32_t set = bits_[bin / 32] >> (31 - bin % 32);
      if (set != 0) {
        return bin - detail::trailing_zeros(set);
      }
      bin -= detail::min_of(bin, bin % 32 + 1);
    }
    return 0;
  }

  [[nodiscard]] bool bit_is_set(size_t bin) const noexcept {
    return (bits_[bin / 32] & detail::bit_from_top(bin)) != 0;
  }

 private:
  [[gnu::always_inline]] word& head_of_tag(size_t tag) noexcept {
    return *reinterpret_cast<word*>(reinterpret_cast<unsigned char*>(this) + sizeof(bits_) +
                                    (tag - 1) * (word_bytes / 2));
  }

  uint32_t bits_[words] = {};
  word heads_[Shape::bins + 1] = {};
};

}  // namespace acre::engine
