// SPDX-License-Identifier: MIT
// engine::heap_slabs: what looks at the slabs and changes nothing.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/engine/heap_slabs.hpp>

namespace acre::inline ACRE_ABI::engine {

template <class Shape, check_level Level, size_t Limit>
template <class Visitor>
void heap_slabs<Shape, Level, Limit>::walk(Visitor&& visit) const {
  base::walk([&](const heap_block& block) {
    if (!block.live || !in_slab(block.address)) {
      return visit(block);
    }
    return visit_objects(slab_of(block.address), block, visit);
  });
}

template <class Shape, check_level Level, size_t Limit>
template <class Visitor>
bool heap_slabs<Shape, Level, Limit>::visit_objects(const slab& s, const heap_block& block,
                                                    Visitor& visit) {
  const size_t size = s.steps * granule;
  for (size_t i = 0; i < objects_in(s.steps); ++i) {
    const heap_block object{static_cast<unsigned char*>(block.address) + i * size, size,
                            (s.mask >> i & 1U) == 0};
    if (!visit(object)) {
      return false;
    }
  }
  return true;
}

template <class Shape, check_level Level, size_t Limit>
acre::usage heap_slabs<Shape, Level, Limit>::usage() const noexcept {
  acre::usage sum = base::usage();
  base::walk([&](const heap_block& block) {
    add_slab_usage(sum, block);
    return true;
  });
  return sum;
}

/// Corrects what the heap says of a block that is a slab.
template <class Shape, check_level Level, size_t Limit>
void heap_slabs<Shape, Level, Limit>::add_slab_usage(acre::usage& sum,
                                                     const heap_block& block) const noexcept {
  if (!block.live || !in_slab(block.address)) {
    return;
  }
  const slab& s = slab_of(block.address);
  size_t free = 0;
  for (uint32_t set = s.mask; set != 0; set &= set - 1) {
    ++free;
  }
  const size_t size = s.steps * granule;
  const size_t live = objects_in(s.steps) - free;
  sum.blocks_in_use += live - 1;
  sum.bytes_in_use += live * size - slab_bytes;
  sum.bytes_free += free * size;
  sum.bytes_overhead += slab_bytes - objects_in(s.steps) * size;
}

template <class Shape, check_level Level, size_t Limit>
status heap_slabs<Shape, Level, Limit>::validate() const noexcept {
  if (const status result = base::validate(); result != status::ok) {
    return result;
  }
  size_t with_room = 0;
  size_t bits = 0;
  bool intact = true;
  base::walk([&](const heap_block& block) {
    if (!in_slab(block.address)) {
      return true;
    }
    const slab& s = slab_of(block.address);
    ++bits;
    intact = block.live && block.size == slab_bytes - word_bytes && is_intact(s);  // I1
    with_room += s.mask != 0 ? 1 : 0;
    return intact;
  });
  for (const uint32_t word_of : lists_.slabs) {
    for (uint32_t set = word_of; set != 0; set &= set - 1) {
      --bits;  // wraps, and is not 0, if a bit has no slab
    }
  }
  for (size_t i = 0; i < classes; ++i) {
    size_t before = 0;
    for (size_t link = lists_.first[i]; link != 0; link = at(link - 1).next) {
      const bool listed = link - 1 < places && in_slab(&at(link - 1)) &&
                          at(link - 1).steps == i + 1 && at(link - 1).mask != 0 &&
                          at(link - 1).prev == before && with_room != 0;
      if (!listed) {
        return status::corrupted;  // I3
      }
      --with_room;
      before = link;
    }
  }
  return intact && bits == 0 && with_room == 0 ? status::ok : status::corrupted;
}

/// I2
template <class Shape, check_level Level, size_t Limit>
bool heap_slabs<Shape, Level, Limit>::is_intact(const slab& s) const noexcept {
  return s.steps - 1U < classes && (s.mask & ~all_free(s.steps)) == 0;
}

/// Is this link the end of a list of the class, or a slab that can be in it?
template <class Shape, check_level Level, size_t Limit>
bool heap_slabs<Shape, Level, Limit>::is_in_list(size_t link, size_t steps) const noexcept {
  return link == 0 || (link - 1 < places && in_slab(&at(link - 1)) && at(link - 1).steps == steps &&
                       at(link - 1).mask != 0);
}

/// I3, as far as the neighbours in the list tell.
template <class Shape, check_level Level, size_t Limit>
bool heap_slabs<Shape, Level, Limit>::is_linked(size_t place) const noexcept {
  const slab& s = at(place);
  if (s.mask == 0) {
    return true;
  }
  return is_in_list(s.next, s.steps) && is_in_list(s.prev, s.steps) &&
         (s.next == 0 || at(s.next - 1U).prev == place + 1) &&
         (s.prev == 0 ? lists_.first[s.steps - 1U] : at(s.prev - 1U).next) == place + 1;
}

/// I1: is there a slab for each bit of this word of the map?
template <class Shape, check_level Level, size_t Limit>
bool heap_slabs<Shape, Level, Limit>::has_slabs(size_t index) const noexcept {
  for (uint32_t set = lists_.slabs[index]; set != 0; set &= set - 1) {
    const size_t place = index * 32 + detail::trailing_zeros(set);
    const auto* p = reinterpret_cast<const void*>(map_begin_ + (place << slab_log2));
    if (base::block_size(p) != slab_bytes) {
      return false;
    }
  }
  return true;
}

/// First the map of slabs, then the blocks, and with them what is in those that are slabs.
template <class Shape, check_level Level, size_t Limit>
status heap_slabs<Shape, Level, Limit>::validate_step(heap_cursor& cursor,
                                                      size_t steps) const noexcept {
  constexpr size_t map_words = sizeof(lists_.slabs) / sizeof(uint32_t);
  for (; steps != 0 && cursor.slabs < map_words; --steps) {
    if (!has_slabs(cursor.slabs)) {
      return status::corrupted;
    }
    ++cursor.slabs;
  }
  return base::validate_step(cursor, steps, [&](const void* p) {
    return !in_slab(p) || (base::block_size(p) == slab_bytes && is_intact(slab_of(p)) &&
                           is_linked(place_of(reinterpret_cast<uintptr_t>(p))));
  });
}

template <class Shape, check_level Level, size_t Limit>
status heap_slabs<Shape, Level, Limit>::usage_step(heap_cursor& cursor, size_t steps,
                                                   acre::usage& sum) const noexcept {
  const size_t region = cursor.region;
  const status found = base::walk_step(cursor, steps, [&](const heap_block& block) {
    base::add_usage(sum, block);
    add_slab_usage(sum, block);
    return true;
  });
  base::add_overhead(sum, region, cursor.region);
  return found;
}

template <class Shape, check_level Level, size_t Limit>
template <class Visitor>
status heap_slabs<Shape, Level, Limit>::walk_step(heap_cursor& cursor, size_t steps,
                                                  Visitor&& visit) const {
  return base::walk_step(cursor, steps, [&](const heap_block& block) {
    if (!block.live || !in_slab(block.address)) {
      return visit(block);
    }
    return visit_objects(slab_of(block.address), block, visit);
  });
}

}  // namespace acre::engine
