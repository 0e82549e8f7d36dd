// SPDX-License-Identifier: MIT
// engine::heap: what looks at a heap and changes nothing.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/engine/heap.hpp>

namespace acre::inline ACRE_ABI::engine {

template <class Shape, check_level Level>
size_t heap<Shape, Level>::largest_free() const noexcept {
  if (limit_ == 0) {
    return 0;
  }
  const size_t bin = last_bin();
  const size_t binned = bin == 0 ? 0 : bytes(header(first_in(bin, origin_)));
  const size_t block = detail::max_of(binned, bytes(header(remainder(origin_))));
  return block == 0 ? 0 : block - word_bytes;
}

template <class Shape, check_level Level>
template <class Visitor>
void heap<Shape, Level>::walk(Visitor&& visit) const {
  for (const heap_span* span = &first_; span != nullptr; span = span->next) {
    const uintptr_t end = span->begin + span_bytes(*span);
    for (uintptr_t p = span->begin; p != end;) {
      const size_t head = header(p);
      const size_t size = size_in(head);
      const heap_block block{reinterpret_cast<void*>(p), size - word_bytes,
                             (head & Shape::in_use) != 0};
      if (size - 1 >= end - p || !visit(block)) {
        return;  // a header that is not one ends the walk: validate() says so
      }
      p += size;
    }
  }
}

template <class Shape, check_level Level>
acre::usage heap<Shape, Level>::usage() const noexcept {
  acre::usage sum;
  walk([&](const heap_block& block) {
    add_usage(sum, block);
    return true;
  });
  add_overhead(sum, 0, SIZE_MAX);
  return sum;
}

/// What the regions with these numbers need beside their blocks.
template <class Shape, check_level Level>
void heap<Shape, Level>::add_overhead(acre::usage& sum, size_t first_region,
                                      size_t end_region) const noexcept {
  size_t number = 0;
  for (const heap_span* span = &first_; span != nullptr; span = span->next, ++number) {
    if (span->granules != 0 && number >= first_region && number < end_region) {
      sum.bytes_overhead += Shape::lead + (checked ? map_bytes(span_bytes(*span)) : 0) +
                            (span == &first_ ? 0 : sizeof(heap_span));
    }
  }
}

/// Does a free block begin at `offset`, as far as can be told without its neighbours?
template <class Shape, check_level Level>
bool heap<Shape, Level>::is_block_of_list(size_t offset) const noexcept {
  const uintptr_t p = origin_ + bytes(offset);
  return (p & (granule - 1)) == 0 && span_of(p) != nullptr && (header(p) & Shape::flags) == 0;
}

template <class Shape, check_level Level>
bool heap<Shape, Level>::is_intact_free(uintptr_t p) const noexcept {
  const heap_span* span = span_of(p);
  if (span == nullptr) {
    return false;
  }
  const size_t head = header(p);
  const size_t size = bytes(head);
  const size_t room = span->begin + span_bytes(*span) - p;
  if ((size & (granule - 1)) != 0 || size < Shape::smallest_block || size > room ||
      footer_before(p + size) != head ||                                             // I4
      (header(p + size) & Shape::flags) != (Shape::left_is_free | Shape::in_use)) {  // I4, I5
    return false;
  }
  const word self = packed(p - origin_);
  const size_t before = prev(p);
  const size_t behind = next(p);
  if (before == remainder_tag) {
    return remainder(origin_) == p && behind == bins::nothing;  // I1
  }
  const bool linked =
      (before & 1U) != 0
          ? before == tag_of(Shape::bin_of(size)) && first_in(before / 2, origin_) == p  // I1, I2
          : is_block_of_list(before) && next(origin_ + bytes(before)) == self;
  return linked &&
         (behind == 0 || (is_block_of_list(behind) && prev(origin_ + bytes(behind)) == self));
}

template <class Shape, check_level Level>
status heap<Shape, Level>::validate() const noexcept {
  if (limit_ == 0) {
    return status::not_initialised;
  }
  size_t free_blocks = 0;
  for (const heap_span* span = &first_; span != nullptr; span = span->next) {
    const uintptr_t end = span->begin + span_bytes(*span);
    size_t live_blocks = 0;
    bool left_is_free = false;
    for (uintptr_t p = span->begin; p != end;) {
      const size_t head = header(p);
      const size_t size = size_in(head);
      const bool live = (head & Shape::in_use) != 0;
      if (((head & Shape::left_is_free) != 0) != left_is_free ||  // I4
          !(live ? is_intact_live(*span, p) : is_intact_free(p))) {
        return status::corrupted;
      }
      if constexpr (checked) {
        if (begins_live(*span, granule_of(*span, p)) != live) {  // I6
          return status::corrupted;
        }
      }
      if constexpr (Level == check_level::full) {
        if (!live && size > 4 * word_bytes &&
            !detail::is_poisoned(reinterpret_cast<void*>(p), 2 * word_bytes,
                                 size - 2 * word_bytes)) {
          return status::corrupted;
        }
      }
      live_blocks += live ? 1 : 0;
      free_blocks += live ? 0 : 1;
      left_is_free = !live;
      p += size;
    }
    if ((header(end) & ~size_t{Shape::left_is_free}) != Shape::in_use ||  // I3
        ((header(end) & Shape::left_is_free) != 0) != left_is_free) {
      return status::corrupted;
    }
    if constexpr (checked) {
      for (size_t i = 0; i < map_bytes(span_bytes(*span)) / sizeof(uint32_t); ++i) {
        for (uint32_t set = span->live[i]; set != 0; set &= set - 1) {
          --live_blocks;  // I6: no bit but those of the blocks; wraps, and is not 0, if there is one
        }
      }
      if (live_blocks != 0) {
        return status::corrupted;
      }
    }
  }
  return lists_hold(free_blocks) ? status::ok : status::corrupted;
}

/// I1, I5: the bitmap, and every free block in a list.
template <class Shape, check_level Level>
bool heap<Shape, Level>::lists_hold(size_t free_blocks) const noexcept {
  size_t found = has_remainder() ? 1 : 0;
  for (size_t bin = 1; bin < Shape::bins; ++bin) {
    if (bins::bit_is_set(bin) == is_empty(bin)) {
      return false;
    }
    for (uintptr_t p = first_in(bin, origin_); p != origin_; p = origin_ + bytes(next(p))) {
      if (++found > free_blocks) {
        return false;
      }
    }
  }
  return found == free_blocks && bins::bit_is_set(Shape::bins) &&
         (!has_remainder() || is_intact_free(remainder(origin_)));
}

/// Why an address is no block that can be given back. A live block is one only for another layout.
template <class Shape, check_level Level>
status heap<Shape, Level>::diagnose(uintptr_t p) const noexcept {
  const heap_span* span = span_of(p);
  if (span == nullptr) {
    return status::foreign_pointer;
  }
  if ((p & (granule - 1)) != 0) {
    return status::misaligned_pointer;
  }
  // The last live block that begins at or before p. At most a step for 32 granules.
  const size_t g = granule_of(*span, p);
  size_t i = g / 32;
  uint32_t set = span->live[i] & ~(detail::bit_from_top(g) - 1U);
  while (set == 0 && i != 0) {
    set = span->live[--i];
  }
  if (set == 0) {
    return status::double_free;
  }
  const size_t found = i * 32 + 31 - detail::trailing_zeros(set);
  if (found == g) {
    return status::wrong_size;
  }
  const uintptr_t block = span->begin + (found << granule_log2);
  return p - block < size_in(header(block)) ? status::interior_pointer : status::double_free;
}

}  // namespace acre::engine
