// SPDX-License-Identifier: MIT
// engine::heap: validate, usage and walk in steps, with the heap in use between them.
//
// What a cursor has passed is told from the map, which knows where live blocks begin, and never from a
// header whose block may be gone. While the block that was looked at last is still there, the next one
// has to begin where it and the free block behind it end, and no bit may be set before that:
//
//    | live  ............ | free ........ | live ...
//    ^ cursor.block         ^ cursor.at     ^ due
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/engine/heap.hpp>

namespace acre::inline ACRE_ABI::engine {

/// What is known to lie between a cursor and the next live block, in granules.
template <class Shape, check_level Level>
struct heap<Shape, Level>::outlook {
  size_t due = unknown;       // where the next live block begins, or the region ends
  bool left_is_free = false;  // what its header has to say, unless it is unknown
  uintptr_t free_begin = 0;   // of what holds the fill at full
  uintptr_t free_end = 0;
};

template <class Shape, check_level Level>
const heap_span* heap<Shape, Level>::span_number(size_t number) const noexcept {
  const heap_span* span = &first_;
  for (; span != nullptr && number != 0; --number) {
    span = span->next;
  }
  return span;
}

/// What begins at granule `g`, where a block has to begin. False iff it is damaged. A live one is left to
/// the step that comes to it.
template <class Shape, check_level Level>
bool heap<Shape, Level>::look_behind(const heap_span& span, size_t g,
                                     outlook& found) const noexcept {
  const uintptr_t p = span.begin + (g << granule_log2);
  if (g < span.granules && (header(p) & Shape::in_use) == 0) {
    if (!is_intact_free(p)) {
      return false;
    }
    const size_t size = bytes(header(p));
    found.left_is_free = true;
    found.free_begin = p + 2 * word_bytes;
    found.free_end = p + size - 2 * word_bytes;
    g += size >> granule_log2;
  }
  found.due = g;
  return true;
}

/// Where the cursor stands now, whatever has happened. False iff what it looked at last is damaged now.
template <class Shape, check_level Level>
bool heap<Shape, Level>::look_ahead(const heap_span& span, const heap_cursor& cursor,
                                    outlook& found) const noexcept {
  found = {};
  size_t g = cursor.block;
  if (g >= span.granules || g > cursor.at) {
    return true;  // another heap's
  }
  if (cursor.at != 0 && begins_live(span, g)) {
    const uintptr_t p = span.begin + (g << granule_log2);
    if (!is_intact_live(span, p)) {
      return false;
    }
    g += live_size_in(header(p)) >> granule_log2;
  } else if (g != 0) {
    return true;
  }
  if (!look_behind(span, g, found)) {
    return false;
  }
  if (found.due < detail::min_of(cursor.at, span.granules)) {
    found = {};  // it has become smaller, and what is behind it now is behind the cursor
  }
  return true;
}

/// I4 of the block at `p`, the next one, whose header is `head`. Where nothing is known of its left one, its
/// flag has to be right if it is set; if it is not, the block to the left has been told from its own begin.
template <class Shape, check_level Level>
bool heap<Shape, Level>::is_as_expected(const heap_span& span, uintptr_t p,
                                        const outlook& expected) const noexcept {
  const bool left_is_free = (header(p) & Shape::left_is_free) != 0;
  return expected.due == unknown ? !left_is_free || is_intact_left(span, p)
                                 : left_is_free == expected.left_is_free;
}

/// I1, and the first block of the list. All others are looked at beside their neighbours.
template <class Shape, check_level Level>
bool heap<Shape, Level>::is_intact_bin(size_t bin) const noexcept {
  if (bin == 0) {
    const uintptr_t p = remainder(origin_);
    return bins::bit_is_set(Shape::bins) &&
           (!has_remainder() || (is_intact_free(p) && prev(p) == remainder_tag));
  }
  if (bins::bit_is_set(bin) == is_empty(bin)) {
    return false;
  }
  const uintptr_t p = first_in(bin, origin_);
  return is_empty(bin) || (is_intact_free(p) && prev(p) == tag_of(bin));
}

template <class Shape, check_level Level>
template <class Check>
status heap<Shape, Level>::validate_step(heap_cursor& cursor, size_t steps, Check&& check) const {
  if (limit_ == 0) {
    return status::not_initialised;
  }
  const heap_span* span = span_number(cursor.region);
  outlook now;
  if (steps != 0 && span != nullptr && !look_ahead(*span, cursor, now)) {
    return status::corrupted;
  }
  for (; steps != 0 && !cursor.over; --steps) {
    if (span == nullptr) {
      if (cursor.at >= Shape::bins) {
        cursor.over = true;
      } else if (!is_intact_bin(cursor.at)) {
        return status::corrupted;
      } else {
        ++cursor.at;
      }
      continue;
    }
    const size_t g = cursor.at;
    if (g >=
        detail::round_up(span->granules, 32)) {  // behind the map: its last bits have no granule
      const uintptr_t end = span->begin + span_bytes(*span);
      if ((header(end) & ~size_t{Shape::left_is_free}) != Shape::in_use ||  // I3
          !is_as_expected(*span, end, now)) {
        return status::corrupted;
      }
      span = span->next;
      ++cursor.region;
      cursor.at = cursor.block = 0;
      if (span != nullptr && !look_ahead(*span, cursor, now)) {
        return status::corrupted;
      }
      continue;
    }
    const uint32_t set = span->live[g / 32] << (g % 32);
    const size_t word_end = (g / 32 + 1) * 32;
    const size_t first = set == 0 ? word_end : g + detail::leading_zeros(set);
    // I6: the next bit is that of the next block.
    const bool is_due =
        now.due == unknown ||
        (set == 0 ? now.due >= detail::min_of(word_end, span->granules) : now.due == first);
    if (!is_due || (set != 0 && first >= span->granules)) {
      return status::corrupted;
    }
    if constexpr (Level == check_level::full) {
      const uintptr_t from = detail::max_of(span->begin + (g << granule_log2), now.free_begin);
      const uintptr_t to = detail::min_of(span->begin + (first << granule_log2), now.free_end);
      if (from < to && !detail::is_poisoned(reinterpret_cast<void*>(from), 0, to - from)) {
        return status::corrupted;
      }
    }
    if (set == 0) {
      cursor.at = word_end;
      continue;
    }
    const uintptr_t p = span->begin + (first << granule_log2);
    outlook behind;
    if (!is_intact_live(*span, p) || !is_as_expected(*span, p, now) ||
        !look_behind(*span, first + (live_size_in(header(p)) >> granule_log2), behind) ||
        !check(reinterpret_cast<void*>(p))) {
      return status::corrupted;
    }
    now = behind;
    cursor.block = first;
    cursor.at = first + 1;
  }
  return status::ok;
}

template <class Shape, check_level Level>
template <class Visitor>
status heap<Shape, Level>::walk_step(heap_cursor& cursor, size_t steps, Visitor&& visit) const {
  if (limit_ == 0) {
    return status::not_initialised;
  }
  const heap_span* span = span_number(cursor.region);
  for (; steps != 0 && !cursor.over; --steps) {
    if (span == nullptr) {
      cursor.over = true;
      continue;
    }
    const size_t g = cursor.at;
    if (g >= span->granules) {
      span = span->next;
      ++cursor.region;
      cursor.at = 0;
      continue;
    }
    const uint32_t set = span->live[g / 32] << (g % 32);
    const bool begins_free = g == 0 && (header(span->begin) & Shape::in_use) == 0;
    if (!begins_free && set == 0) {
      cursor.at = (g / 32 + 1) * 32;
      continue;
    }
    // A live block, and the free one behind it, if there is one; or that at the begin of the region.
    const uintptr_t end = span->begin + span_bytes(*span);
    const size_t first = begins_free ? 0 : g + detail::leading_zeros(set);
    uintptr_t p = span->begin + (first << granule_log2);
    for (bool live = !begins_free;; live = false) {
      if (p >= end) {
        return status::corrupted;
      }
      const size_t head = header(p);
      const size_t size = size_in(head);
      if (((head & Shape::in_use) != 0) != live || size - 1 >= end - p ||
          (size & (granule - 1)) != 0) {
        return status::corrupted;
      }
      const heap_block block{reinterpret_cast<void*>(p), size - word_bytes, live};
      p += size;
      cursor.at = (p - span->begin) >> granule_log2;
      if (!visit(block)) {
        cursor.over = true;
        return status::ok;
      }
      if (!live || p == end || (header(p) & Shape::in_use) != 0) {
        break;
      }
    }
  }
  return status::ok;
}

template <class Shape, check_level Level>
status heap<Shape, Level>::usage_step(heap_cursor& cursor, size_t steps,
                                      acre::usage& sum) const noexcept {
  const size_t region = cursor.region;
  const status found = walk_step(cursor, steps, [&](const heap_block& block) {
    add_usage(sum, block);
    return true;
  });
  add_overhead(sum, region, cursor.region);
  return found;
}

}  // namespace acre::engine
