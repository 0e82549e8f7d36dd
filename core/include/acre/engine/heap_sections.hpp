// SPDX-License-Identifier: MIT
// engine::heap: a block with a strict alignment in several calls, between which the heap may be used: a
// live block with room for it, its cutting into up to three live ones, and the return of the first and the
// third by deallocate(). Each is shorter than allocate_aligned(), and all together are longer.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/engine/heap.hpp>

namespace acre::inline ACRE_ABI::engine {

/// A live block in which an aligned one has room, for split(); null as allocate_aligned().
template <class Shape, check_level Level>
void* heap<Shape, Level>::allocate_room(size_t size, size_t align) noexcept {
  const size_t need = room_for(size, align);
  return need == 0 ? nullptr : allocate(need - word_bytes);
}

/// Cuts the live block that allocate_room(size, align) has answered.
template <class Shape, check_level Level>
heap_pieces heap<Shape, Level>::split(void* room, size_t size, size_t align) noexcept {
  const auto p = reinterpret_cast<uintptr_t>(room);
  if constexpr (checked) {
    // Who has given back an address of his a second time may have given back this block.
    if (!begins_live(span_of_block(p), granule_of(span_of_block(p), p))) [[unlikely]] {
      detail::raise_corruption(room, this);
    }
  }
  const size_t head = header(p);
  const uintptr_t block = aligned_in(p, align);
  const size_t gap = block - p;
  const size_t have = size_in(head) - gap;
  const size_t want = Shape::block_for(size);
  heap_pieces pieces{nullptr, reinterpret_cast<void*>(block), nullptr};
  // [           room           ]  ->  [ front ][ block ][ tail ], all live
  size_t left_flag = head & Shape::left_is_free;
  if (gap != 0) {
    pieces.front = room;
    header(p) = static_cast<word>(packed(gap) | Shape::in_use | left_flag);
    left_flag = 0;
    if constexpr (checked) {
      flip_live(span_of_block(p), block);
    }
  }
  size_t size_of_block = have;
  if (is_block(have - want)) {
    const uintptr_t tail = block + want;
    pieces.tail = reinterpret_cast<void*>(tail);
    header(tail) = static_cast<word>(packed(have - want) | Shape::in_use);
    size_of_block = want;
    if constexpr (checked) {
      flip_live(span_of_block(p), tail);
    }
  }
  header(block) = static_cast<word>(packed(size_of_block) | Shape::in_use | left_flag);
  return pieces;
}

}  // namespace acre::inline ACRE_ABI::engine
