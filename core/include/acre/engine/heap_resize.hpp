// SPDX-License-Identifier: MIT
// engine::heap: changing the size of a live block where it is. Each either does all of it, or nothing.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/engine/heap.hpp>

namespace acre::inline ACRE_ABI::engine {

/// At basic and above: is a live block there? If not, the fault has been raised. `span` is where it lies.
template <class Shape, check_level Level>
bool heap<Shape, Level>::may_resize(void* block, heap_span& span) const noexcept {
  if constexpr (checked) {
    const auto p = reinterpret_cast<uintptr_t>(block);
    if (!inspect<false>(p, {}, span)) {
      static_cast<void>(refuse(block, __builtin_return_address(0)));
      return false;
    }
  }
  return true;
}

template <class Shape, check_level Level>
bool heap<Shape, Level>::try_resize(void* block, size_t size) noexcept {
  [[maybe_unused]] heap_span span;
  if (block == nullptr || !may_resize(block, span) || size >= limit_) {
    return false;
  }
  const auto p = reinterpret_cast<uintptr_t>(block);
  const size_t head = header(p);
  const size_t have = size_in(head);
  const size_t want = Shape::block_for(size);
  const uintptr_t right = p + have;
  const size_t right_head = header(right);
  const bool right_is_free = (right_head & Shape::in_use) == 0;
  const size_t all = have + (right_is_free ? bytes(right_head) : 0);
  if (want > all) {
    return false;
  }
  if (want == have) {
    return true;
  }
  if (want < have && !right_is_free && !is_block(have - want)) {
    return true;
  }
  // [ block ][ right ]  ->  [   block   ][ right ], or the other way
  if (right_is_free) {
    unlink(right, origin_);
  }
  if constexpr (Level == check_level::full) {
    if (want < have) {
      detail::poison(block, want - word_bytes, have - word_bytes);
    }
    if (right_is_free) {
      detail::poison(reinterpret_cast<void*>(right - word_bytes), 0, 3 * word_bytes);
    }
  }
  cut(p, all, want, head & Shape::left_is_free);
  return true;
}

template <class Shape, check_level Level>
void* heap<Shape, Level>::try_extend_left(void* block, size_t size) noexcept {
  [[maybe_unused]] heap_span span;
  if (block == nullptr || !may_resize(block, span) || size >= limit_) {
    return nullptr;
  }
  const auto p = reinterpret_cast<uintptr_t>(block);
  const size_t head = header(p);
  const size_t have = size_in(head);
  const size_t want = Shape::block_for(size);
  if (want <= have) {
    return block;
  }
  const size_t left = (head & Shape::left_is_free) != 0 ? bytes(footer_before(p)) : 0;
  size_t more = want - have;
  if (more > left) {
    return nullptr;
  }
  if (!is_block(left - more)) {
    more = left;
  }
  // [  left  ][ block ]  ->  [ left ][   block   ]
  const uintptr_t grown = p - more;
  const uintptr_t rest = p - left;
  if constexpr (checked) {
    flip_live(span, p);
    flip_live(span, grown);
  }
  unlink(rest, origin_);
  if (size_t smaller = left - more; smaller != 0) {
    write_free(rest, smaller);
    put(rest, smaller, origin_);
  }
  header(grown) = static_cast<word>(packed(have + more) | Shape::in_use |
                                    (more != left ? Shape::left_is_free : 0));
  return reinterpret_cast<void*>(grown);
}

}  // namespace acre::engine
