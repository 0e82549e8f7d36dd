// SPDX-License-Identifier: MIT
// engine::heap: its regions. The first one fixes the origin that offsets count from; further ones lie
// above it, anywhere that an offset can name. Between two regions nothing is touched.
//
//    first     | ends of lists | header | blocks ...                | header |  live map
//    further   | heap_span     | ......   header | blocks ...       | header |  live map
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/detail/placement.hpp>
#include <acre/engine/heap.hpp>

namespace acre::inline ACRE_ABI::engine {

/// Where the blocks of [from, limit) and their map lie. Writes nothing but `span`.
template <class Shape, check_level Level>
status heap<Shape, Level>::lay_out(heap_span& span, uintptr_t from, uintptr_t limit) noexcept {
  const uintptr_t begin = detail::round_up(from, granule) + Shape::lead;
  if (begin < from || begin >= limit) {
    return status::region_too_small;
  }
  size_t granules = (limit - begin) >> granule_log2;
  uintptr_t map = limit;
  if constexpr (checked) {
    // For the granules that the map itself takes as well: a bit too many for 8 or 16 bytes of map.
    map = detail::round_down(limit - map_bytes(limit - begin), sizeof(uint32_t));
    granules = map > begin ? (map - begin) >> granule_log2 : 0;
  }
  if (granules << granule_log2 < Shape::smallest_block) {
    return status::region_too_small;
  }
  span = {begin, granules, checked ? reinterpret_cast<uint32_t*>(map) : nullptr, nullptr};
  return status::ok;
}

/// Makes all of the span one free block, in no list. Returns its size.
template <class Shape, check_level Level>
size_t heap<Shape, Level>::adopt(const heap_span& span) noexcept {
  size_t size = span_bytes(span);
  if constexpr (checked) {
    __builtin_memset(span.live, 0, map_bytes(size));
  }
  if constexpr (Level == check_level::full) {
    detail::poison(reinterpret_cast<void*>(span.begin), 0, size - word_bytes);
  }
  header(span.begin + size) = static_cast<word>(Shape::in_use | Shape::left_is_free);
  write_free(span.begin, size);
  return size;
}

template <class Shape, check_level Level>
status heap<Shape, Level>::init(region memory) noexcept {
  *this = heap{};
  if (!memory.valid()) {
    return status::invalid_argument;
  }
  if (memory.size > Shape::max_bytes) {
    return status::region_too_large;
  }
  heap_span span;
  const status result = lay_out(span, memory.address(), memory.address() + memory.size);
  if (result == status::ok) {
    first_ = span;
    origin_ = span.begin - Shape::lead;
    bins::start(origin_);
    limit_ = adopt(span) - word_bytes + 1;
    set_remainder(span.begin, origin_);
  }
  return result;
}

template <class Shape, check_level Level>
status heap<Shape, Level>::add_region(region memory) noexcept {
  if (limit_ == 0) {
    return status::not_initialised;
  }
  if (!memory.valid()) {
    return status::invalid_argument;
  }
  const uintptr_t from = memory.address();
  const uintptr_t limit = from + memory.size;
  if (from < origin_ || limit - origin_ > Shape::max_bytes) {
    return status::region_out_of_reach;
  }
  heap_span* last = &first_;
  for (heap_span* span = &first_; span != nullptr; span = span->next) {
    const uintptr_t begin =
        span == &first_ ? origin_ : reinterpret_cast<uintptr_t>(static_cast<void*>(span));
    const size_t size = span_bytes(*span);
    const uintptr_t end =
        checked ? reinterpret_cast<uintptr_t>(span->live) + map_bytes(size) : span->begin + size;
    if (from < end && limit > begin) {
      return status::invalid_argument;
    }
    last = span;
  }
  const uintptr_t at = detail::round_up(from, alignof(heap_span));
  heap_span span;
  if (at < from || limit - at < sizeof(heap_span) || at >= limit ||
      lay_out(span, at + sizeof(heap_span), limit) != status::ok) {
    return status::region_too_small;
  }
  auto* kept = new (detail::placement{reinterpret_cast<void*>(at)}) heap_span(span);
  const size_t size = adopt(*kept);
  __atomic_store_n(&last->next, kept, __ATOMIC_RELEASE);  // for owns(), which takes no lock
  put(kept->begin, size, origin_);
  limit_ = detail::max_of(limit_, size - word_bytes + 1);
  return status::ok;
}

}  // namespace acre::engine
