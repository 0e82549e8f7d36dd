// SPDX-License-Identifier: MIT
// engine::heap: allocate and deallocate.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/engine/heap.hpp>

namespace acre::inline ACRE_ABI::engine {

// What is free again, or left over, becomes the remainder where there is none.
template <class Shape, check_level Level>
void heap<Shape, Level>::put(uintptr_t p, size_t size, uintptr_t origin) noexcept {
  if (has_remainder()) {
    link(p, Shape::bin_of(size), origin);
  } else {
    set_remainder(p, origin);
  }
}

template <class Shape, check_level Level>
void* heap<Shape, Level>::hand_out(uintptr_t p, size_t size, size_t skip) noexcept {
  if constexpr (checked) {
    flip_live(span_of_block(p), p);
  }
  if constexpr (Level == check_level::full) {
    // Up to what was the footer, if the block was not split.
    if (skip + 2 * word_bytes < size &&
        !detail::is_poisoned(reinterpret_cast<void*>(p), skip, size - 2 * word_bytes)) {
      detail::raise_corruption(reinterpret_cast<void*>(p), this);
    }
  }
  return reinterpret_cast<void*>(p);
}

template <class Shape, check_level Level>
void* heap<Shape, Level>::allocate(size_t size) noexcept {
  if (size >= limit_) {
    return nullptr;
  }
  const uintptr_t origin = origin_;
  const size_t want = Shape::block_for(size);
  size_t bin = Shape::bin_of(want);
  word* in = slot(bin);
  uintptr_t p = origin + bytes(in[heads_at]);
  size_t have = 0;
  if (p == origin || (have = bytes(header(p))) < want) {
    p = remainder(origin);
    have = bytes(header(p));
    if (have >= want) {
      return carve(p, have, want, origin);
    }
    bin = first_bin_from(bin + 1);
    in = slot(bin);
    p = origin + bytes(in[heads_at]);
    have = bytes(header(p));
    if (have < want) {
      return nullptr;
    }
  }
  if constexpr (Level == check_level::full) {
    check_free(p);
  }
  unlink_first(p, in, bin, origin);
  detail::forget_origin(p);
  size_t rest = have - want;
  if (!is_block(rest)) {
    write_live(p, have);
    return hand_out(p, have, 2 * word_bytes);
  }
  // [           free           ]  ->  [ block ][ free ]
  header(p) = static_cast<word>(packed(want) | Shape::in_use);
  const uintptr_t spare = p + want;
  write_free(spare, rest);
  put(spare, rest, origin);
  return hand_out(p, want, 2 * word_bytes);
}

/// The same from the remainder, which is large enough.
template <class Shape, check_level Level>
void* heap<Shape, Level>::carve(uintptr_t p, size_t have, size_t want, uintptr_t origin) noexcept {
  if constexpr (Level == check_level::full) {
    check_free(p);
  }
  size_t rest = have - want;
  if (!is_block(rest)) {
    write_live(p, have);
    drop_remainder();
    return hand_out(p, have, 2 * word_bytes);
  }
  // [        remainder        ]  ->  [ block ][ remainder ]
  header(p) = static_cast<word>(packed(want) | Shape::in_use);
  const uintptr_t spare = p + want;
  write_free(spare, rest);
  set_remainder(spare, origin);
  return hand_out(p, want, 2 * word_bytes);
}

/// Makes the whole free block [p, p + size) a live one; its left neighbour is live, too.
template <class Shape, check_level Level>
void heap<Shape, Level>::write_live(uintptr_t p, size_t size) noexcept {
  header(p) = static_cast<word>(packed(size) | Shape::in_use);
  header(p + size) &= static_cast<word>(~Shape::left_is_free);
}

/// The free block that serves a block of `want` bytes, still in its list; 0 iff there is none.
template <class Shape, check_level Level>
uintptr_t heap<Shape, Level>::find(size_t want) const noexcept {
  const uintptr_t origin = origin_;
  const size_t bin = Shape::bin_of(want);
  uintptr_t p = first_in(bin, origin);
  if (p != origin && bytes(header(p)) >= want) {
    return p;
  }
  p = remainder(origin);
  if (bytes(header(p)) >= want) {
    return p;
  }
  p = first_in(first_bin_from(bin + 1), origin);
  return bytes(header(p)) >= want ? p : 0;
}

/// Makes the unlinked memory [p, p + have) a live block of `want`, and what is left a free one.
template <class Shape, check_level Level>
void heap<Shape, Level>::cut(uintptr_t p, size_t have, size_t want, size_t left_flag) noexcept {
  size_t rest = have - want;
  if (is_block(rest)) {
    write_free(p + want, rest);
    header(p + have) |= static_cast<word>(Shape::left_is_free);
    put(p + want, rest, origin_);
  } else {
    want = have;
    header(p + have) &= static_cast<word>(~Shape::left_is_free);
  }
  header(p) = static_cast<word>(packed(want) | Shape::in_use | left_flag);
}

/// The size of a block in which one for `size` bytes has room, aligned, wherever it begins; 0 if no heap of
/// these regions is large enough, or `align` is no alignment.
template <class Shape, check_level Level>
size_t heap<Shape, Level>::room_for(size_t size, size_t align) const noexcept {
  if (size >= limit_ || align >= limit_ || !detail::is_power_of_two(align)) {
    return 0;
  }
  const size_t need = Shape::block_for(size) + least_gap + align - granule;
  return need - word_bytes >= limit_ ? 0 : need;
}

/// The first address in a block at `p` that is aligned. What is in front of it is a block, or nothing.
template <class Shape, check_level Level>
uintptr_t heap<Shape, Level>::aligned_in(uintptr_t p, size_t align) noexcept {
  const uintptr_t block = detail::round_up(p, align);
  if (least_gap != 0 && block != p && block - p < least_gap) {
    return detail::round_up(p + least_gap, align);
  }
  return block;
}

/// For an alignment above the natural one; null for one that is no alignment.
template <class Shape, check_level Level>
void* heap<Shape, Level>::allocate_aligned(size_t size, size_t align) noexcept {
  const size_t need = room_for(size, align);
  if (need == 0) {
    return nullptr;
  }
  const uintptr_t p = find(need);
  if (p == 0) {
    return nullptr;
  }
  if constexpr (Level == check_level::full) {
    check_free(p);
  }
  const size_t have = bytes(header(p));
  const uintptr_t block = aligned_in(p, align);
  unlink(p, origin_);
  // [            free            ]  ->  [ free ][ block ][ free ]
  size_t gap = block - p;
  cut(block, have - gap, Shape::block_for(size), gap != 0 ? Shape::left_is_free : 0);
  if (gap != 0) {
    write_free(p, gap);
    put(p, gap, origin_);
  }
  return hand_out(block, size_in(header(block)), gap != 0 ? 0 : 2 * word_bytes);
}

/// At full: raises corruption unless `p` is a free block, whole, and linked as it should be.
template <class Shape, check_level Level>
void heap<Shape, Level>::check_free(uintptr_t p) const noexcept {
  if (!is_intact_free(p)) {
    detail::raise_corruption(reinterpret_cast<void*>(p), this);
  }
}

/// What a live block's header says, compared with what lies around it.
template <class Shape, check_level Level>
bool heap<Shape, Level>::is_intact_live(const heap_span& span, uintptr_t p) const noexcept {
  const size_t head = header(p);
  const size_t size = live_size_in(head);
  if (detail::rotate_right_word(size, granule_log2) - 1 >= span.granules - granule_of(span, p)) {
    return false;
  }
  const uintptr_t right = p + size;
  const size_t right_head = header(right);
  if ((right_head & Shape::left_is_free) != 0) {
    return false;
  }
  if constexpr (Level == check_level::full) {
    if ((right_head & Shape::in_use) == 0 && !is_intact_free(right)) {
      return false;
    }
    return (head & Shape::left_is_free) == 0 || is_intact_left(span, p);
  }
  return true;
}

/// Does the free block end at `p` that its footer there claims?
template <class Shape, check_level Level>
bool heap<Shape, Level>::is_intact_left(const heap_span& span, uintptr_t p) const noexcept {
  const size_t left = bytes(footer_before(p));
  return left - 1 < p - span.begin && header(p - left) == packed(left) && is_intact_free(p - left);
}

/// Is there a live block at `p` that `given` fits? Corruption is raised; of misuse nothing is said yet.
/// `span` is where it lies: a copy, so that its members are in registers.
template <class Shape, check_level Level>
template <bool Sized>
bool heap<Shape, Level>::inspect(uintptr_t p, layout given, heap_span& span) const noexcept {
  span = first_;
  if (ACRE_FOR_SIZE || granule_of(span, p) >= span.granules) [[unlikely]] {
    const heap_span* other = span_of(p);
    if (other == nullptr || (p & (granule - 1)) != 0) {
      return false;
    }
    span = *other;
  }
  const size_t g = granule_of(span, p);
  if (!begins_live(span, g)) [[unlikely]] {
    return false;
  }
  if (!is_intact_live(span, p)) [[unlikely]] {
    detail::raise_corruption(reinterpret_cast<void*>(p), this);
  }
  return !Sized || fits(p, live_size_in(header(p)), given);
}

template <class Shape, check_level Level>
template <bool Sized>
status heap<Shape, Level>::give(void* block, layout given) noexcept {
  // No block lies at null, so where blocks are looked up that is where null is found.
  if (!checked && block == nullptr) {
    return status::ok;
  }
  auto p = reinterpret_cast<uintptr_t>(block);
  [[maybe_unused]] heap_span span;
  if constexpr (checked) {
    if (!inspect<Sized>(p, given, span)) [[unlikely]] {
      return block == nullptr ? status::ok : refuse(block, __builtin_return_address(0));
    }
  }
  const uintptr_t origin = origin_;
  const size_t head = header(p);
  size_t size = live_size_in(head);
  const uintptr_t right = p + size;
  const size_t right_head = header(right);
  if constexpr (checked) {
    flip_live(span, p);  // after the loads that inspect() has done already
  }
  if constexpr (Level == check_level::full) {
    detail::poison(block, 0, size - word_bytes);
  }
  if ((right_head & Shape::in_use) != 0) {
    header(right) = static_cast<word>(right_head | Shape::left_is_free);
  } else {
    // [ block ][ free ]  ->  [     free     ]
    if constexpr (checked) {
      // The end of a text that is a byte too long makes a live neighbour look free.
      if (begins_live(span, granule_of(span, p) + (size >> granule_log2))) [[unlikely]] {
        detail::raise_corruption(reinterpret_cast<void*>(right), this);
      }
    }
    unlink(right, origin);
    if constexpr (Level == check_level::full) {
      detail::poison(reinterpret_cast<void*>(right - word_bytes), 0, 3 * word_bytes);
    }
    size += bytes(right_head);
  }
  size_t bin = 0;
  if ((head & Shape::left_is_free) != 0) {
    // [ free ][ block ]  ->  [     free     ], in the same place of its list if its bin is the same
    const size_t left = bytes(footer_before(p));
    if constexpr (Level == check_level::full) {
      detail::poison(reinterpret_cast<void*>(p - 2 * word_bytes), 0, 2 * word_bytes);
    }
    detail::forget_origin(p);
    p -= left;
    size += left;
    write_free(p, size);
    const size_t tag = prev(p);
    if (tag == remainder_tag) {
      return status::ok;
    }
    bin = Shape::bin_of(size);
    if (tag == tag_of(bin)) {
      return status::ok;
    }
    unlink(p, origin);
  } else {
    detail::forget_origin(p);
    write_free(p, size);
    if (!has_remainder()) {
      set_remainder(p, origin);
      return status::ok;
    }
    bin = Shape::bin_of(size);
  }
  link(p, bin, origin);
  return status::ok;
}

template <class Shape, check_level Level>
status heap<Shape, Level>::deallocate(void* block) noexcept {
  return give<false>(block, {});
}

template <class Shape, check_level Level>
status heap<Shape, Level>::deallocate(void* block, layout given) noexcept {
  return give<checked>(block, given);
}

}  // namespace acre::engine
