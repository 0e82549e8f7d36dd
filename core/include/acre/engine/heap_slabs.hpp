// SPDX-License-Identifier: MIT
// engine::heap_slabs: a heap with slabs in front: requests of up to `Limit` bytes share blocks of the
// heap, so that they need no header.
//
// A slab is a live block of the heap, as large as its alignment: the next slab follows without a gap,
// and its header lies in the last word of this one. It holds objects of one class, a multiple of the
// granule, and ends with its own data:
//
//    | object | object | ...            | mask, next, prev, class |  header of the next block
//    ^ a multiple of slab_bytes
//
// So the slab of an object is known from its address, and a bit for each place where a slab could be
// (`slabs_`) tells objects from blocks. Slabs with room are in a list for each class. One that becomes
// empty goes back to the heap unless it is the only one with room, so a class keeps one at most.
//
// With 8-byte granules: 256 bytes, 15 objects of 16 (94 %), 30 of 8, 10 of 24, 7 of 32.
//
// I1  The bit of a place is set iff a slab is there; the heap's block there is live, and slab_bytes.
// I2  In `mask`, bit i is set iff object i is free; no other bit is.
// I3  A slab is in the list of its class iff its mask is not 0.
#pragma once

#include <acre/engine/heap.hpp>

namespace acre::inline ACRE_ABI::engine {

template <class Shape, check_level Level, size_t Limit>
class heap_slabs : public heap<Shape, Level> {
  using base = heap<Shape, Level>;
  using word = typename Shape::word;
  using base::checked;
  using base::granule;
  using base::granule_log2;
  using base::word_bytes;

  static_assert(Limit >= granule && Limit <= 8 * granule,
                "a small block has one to eight granules");

  struct [[gnu::may_alias]] slab {
    uint32_t mask;
    word next;  // the distance of the slab from map_begin_, in slabs, plus 1; 0 for none
    word prev;
    uint8_t steps;  // an object's size, in granules
  };

  static constexpr size_t slab_bytes = 32 * granule;
  static constexpr unsigned slab_log2 = granule_log2 + 5;
  static constexpr size_t tail = detail::round_down(slab_bytes - word_bytes - sizeof(slab), 4);
  static constexpr size_t classes = (Limit + granule - 1) / granule;
  // A region that does not begin at a multiple of slab_bytes reaches into one place more.
  static constexpr size_t places = Shape::max_bytes / slab_bytes + 2;

 public:
  static constexpr size_t small_limit = classes * granule;

  static constexpr size_t block_bytes(layout wanted) noexcept {
    return is_small(wanted.size, wanted.align) ? steps_for(wanted.size) * granule
                                               : base::block_bytes(wanted);
  }

  status init(region memory) noexcept {
    const status result = base::init(memory);
    lists_ = {};
    map_begin_ = detail::round_down(memory.address(), slab_bytes);
    return result;
  }

  [[nodiscard]] void* allocate(layout wanted) noexcept {
    if (is_small(wanted.size, wanted.align)) {
      if (void* object = take(steps_for(wanted.size)); object != nullptr) {
        return object;
      }
      // No room for a slab: there may be for one block.
    }
    return base::allocate(wanted);
  }

  status deallocate(void* block) noexcept {
    return in_slab(block) ? give<false>(block, {}) : base::deallocate(block);
  }
  status deallocate(void* block, layout given) noexcept {
    return in_slab(block) ? give<checked>(block, given) : base::deallocate(block, given);
  }

  // The same in several calls, between which the heap may be used: what takes a slab from the heap, or
  // gives one back, is by itself.

  /// Would allocate() take a slab?
  [[nodiscard]] bool wants_slab(layout wanted) const noexcept {
    return is_small(wanted.size, wanted.align) && lists_.first[steps_for(wanted.size) - 1] == 0;
  }
  static constexpr layout slab_layout{slab_bytes - word_bytes, slab_bytes};
  /// Makes a slab of a live block of slab_layout, and serves `wanted` from it; without one as allocate()
  /// does where the heap has no room for a slab.
  [[nodiscard]] void* allocate_from(void* memory, layout wanted) noexcept {
    if (memory == nullptr) {
      return base::allocate(wanted);
    }
    const size_t steps = steps_for(wanted.size);
    add_slab_in(memory, steps);
    return take_first(steps);
  }
  /// deallocate(), but a slab that has become empty is an ordinary block then, in `emptied`.
  template <class... Given>
  status deallocate_keeping(void*& emptied, void* block, Given... given) noexcept {
    if (!in_slab(block)) {
      return base::deallocate(block, given...);
    }
    constexpr bool sized = checked && sizeof...(Given) != 0;
    return give<sized>(block, layout{given...}, &emptied);
  }

  [[nodiscard]] bool try_resize(void* block, size_t size) noexcept {
    if (!in_slab(block)) {
      return base::try_resize(block, size);
    }
    return may_use(block) && size <= steps_of(block) * granule;
  }
  [[nodiscard]] void* try_extend_left(void* block, size_t size) noexcept {
    if (!in_slab(block)) {
      return base::try_extend_left(block, size);
    }
    return may_use(block) && size <= steps_of(block) * granule ? block : nullptr;
  }

  [[nodiscard]] size_t block_size(const void* p) const noexcept {
    if (!in_slab(p)) {
      return base::block_size(p);
    }
    return checked && !is_live_object(p) ? 0 : steps_of(p) * granule;
  }
  [[nodiscard]] size_t usable_size(const void* p) const noexcept {
    return in_slab(p) ? block_size(p) : base::usable_size(p);
  }
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept requires checked {
    return in_slab(p) ? is_live_object(p) && fits(p, given) : base::is_live(p, given);
  }

  [[nodiscard]] acre::usage usage() const noexcept;
  [[nodiscard]] status validate() const noexcept;
  template <class Visitor>
  void walk(Visitor&& visit) const;
  [[nodiscard]] status validate_step(heap_cursor& cursor, size_t steps) const noexcept;
  [[nodiscard]] status usage_step(heap_cursor& cursor, size_t steps,
                                  acre::usage& sum) const noexcept;
  template <class Visitor>
  [[nodiscard]] status walk_step(heap_cursor& cursor, size_t steps, Visitor&& visit) const;

 private:
  struct lists {
    uint32_t slabs[(places + 31) / 32] = {};
    word first[classes] = {};
  };

  static constexpr size_t steps_for(size_t size) noexcept {
    return detail::max_of((size + granule - 1) >> granule_log2, size_t{1});
  }
  static constexpr bool is_small(size_t size, size_t align) noexcept {
    return size <= small_limit && align <= granule && detail::is_power_of_two(align);
  }
  struct object_counts {
    uint8_t of[9] = {};
    constexpr object_counts() noexcept {
      for (size_t steps = 1; steps < 9; ++steps) {
        of[steps] = static_cast<uint8_t>(tail / (steps << granule_log2));
      }
    }
  };
  static constexpr object_counts counts{};
  static constexpr size_t objects_in(size_t steps) noexcept {
    return counts.of[steps];
  }
  /// The mask of a slab that is empty.
  static constexpr uint32_t all_free(size_t steps) noexcept {
    return ~uint32_t{0} >> (32 - objects_in(steps));
  }

  [[nodiscard]] size_t place_of(uintptr_t p) const noexcept {
    return (p - map_begin_) >> slab_log2;
  }
  [[nodiscard]] slab& at(size_t place) const noexcept {
    return *reinterpret_cast<slab*>(map_begin_ + (place << slab_log2) + tail);
  }
  /// The slab of an object, or of any address in one.
  [[nodiscard]] slab& slab_of(const void* p) const noexcept {
    return at(place_of(reinterpret_cast<uintptr_t>(p)));
  }
  [[nodiscard]] bool in_slab(const void* p) const noexcept {
    const size_t place = place_of(reinterpret_cast<uintptr_t>(p));
    return place < places && (lists_.slabs[place / 32] >> (place % 32) & 1U) != 0;
  }
  [[nodiscard]] size_t steps_of(const void* p) const noexcept {
    return slab_of(p).steps;
  }
  /// The object's number; 32 or more if no object begins there.
  [[nodiscard]] size_t number_of(const void* p) const noexcept {
    const size_t offset = reinterpret_cast<uintptr_t>(p) & (slab_bytes - 1);
    const size_t steps = steps_of(p);
    // Exact for offsets below 32 granules: 256 / steps, rounded up, is that much too large at most.
    constexpr uint16_t inverse[] = {0, 256, 128, 86, 64, 52, 43, 37, 32};
    const size_t number = (offset >> granule_log2) * inverse[steps] >> 8;
    return number * steps << granule_log2 == offset && number < objects_in(steps) ? number : 32;
  }
  [[nodiscard]] bool is_live_object(const void* p) const noexcept {
    const size_t number = number_of(p);
    return number < 32 && (slab_of(p).mask >> number & 1U) == 0;
  }
  /// A smaller size than the class's does: the object may have been resized in place.
  [[nodiscard]] bool fits(const void* p, layout given) const noexcept {
    return given.size <= steps_of(p) * granule &&
           (reinterpret_cast<uintptr_t>(p) & (given.align - 1)) == 0;
  }
  [[nodiscard]] bool may_use(void* p) const noexcept {
    if (checked && !is_live_object(p)) [[unlikely]] {
      static_cast<void>(refuse(p, __builtin_return_address(0)));
      return false;
    }
    return true;
  }
  [[nodiscard, gnu::noinline, gnu::cold]] status refuse(void* p,
                                                        const void* call_site) const noexcept {
    const size_t number = number_of(p);
    const bool misaligned = (reinterpret_cast<uintptr_t>(p) & (granule - 1)) != 0;
    return detail::raise_misuse(misaligned          ? status::misaligned_pointer
                                : number >= 32      ? status::interior_pointer
                                : is_live_object(p) ? status::wrong_size
                                                    : status::double_free,
                                p, this, call_site);
  }

  template <class Visitor>
  [[nodiscard]] static bool visit_objects(const slab& s, const heap_block& block, Visitor& visit);
  void add_slab_usage(acre::usage& sum, const heap_block& block) const noexcept;
  [[nodiscard]] bool is_intact(const slab& s) const noexcept;
  [[nodiscard]] bool is_in_list(size_t link, size_t steps) const noexcept;
  [[nodiscard]] bool is_linked(size_t place) const noexcept;
  [[nodiscard]] bool has_slabs(size_t index) const noexcept;

  void link(size_t place) noexcept {
    slab& s = at(place);
    word& first = lists_.first[s.steps - 1U];
    s.prev = 0;
    s.next = first;
    if (first != 0) {
      at(first - 1U).prev = static_cast<word>(place + 1);
    }
    first = static_cast<word>(place + 1);
  }
  void unlink(const slab& s) noexcept {
    if (s.next != 0) {
      at(s.next - 1U).prev = s.prev;
    }
    if (s.prev != 0) {
      at(s.prev - 1U).next = s.next;
    } else {
      lists_.first[s.steps - 1U] = s.next;
    }
  }

  /// A slab of the class with all its objects free, in front of its list; false iff the heap is full.
  [[nodiscard]] bool add_slab(size_t steps) noexcept {
    void* memory = base::allocate_aligned(slab_layout.size, slab_layout.align);
    if (memory == nullptr) {
      return false;
    }
    add_slab_in(memory, steps);
    return true;
  }
  void add_slab_in(void* memory, size_t steps) noexcept {
    if constexpr (Level == check_level::full) {
      detail::poison(memory, 0, tail);  // where the links of the free block were
    }
    const size_t place = place_of(reinterpret_cast<uintptr_t>(memory));
    lists_.slabs[place / 32] |= uint32_t{1} << (place % 32);
    slab& s = at(place);
    s.mask = all_free(steps);
    s.steps = static_cast<uint8_t>(steps);
    link(place);
  }

  [[nodiscard]] void* take(size_t steps) noexcept {
    if (lists_.first[steps - 1] == 0 && !add_slab(steps)) {
      return nullptr;
    }
    return take_first(steps);
  }
  /// An object of the first slab of the class; there is one.
  [[nodiscard, gnu::always_inline]] inline void* take_first(size_t steps) noexcept {
    const size_t place = lists_.first[steps - 1] - 1U;
    slab& s = at(place);
    const unsigned number = detail::trailing_zeros(s.mask);
    s.mask &= s.mask - 1;
    if (s.mask == 0) {
      unlink(s);
    }
    const size_t size = steps << granule_log2;
    auto* object = reinterpret_cast<void*>(map_begin_ + (place << slab_log2) + number * size);
    if constexpr (Level == check_level::full) {
      if (!detail::is_poisoned(object, 0, size)) {
        detail::raise_corruption(object, this);
      }
    }
    return object;
  }

  /// A slab that becomes empty, and that its class does not keep, goes back to the heap; with `emptied` it
  /// is left there as an ordinary block.
  template <bool Sized>
  [[nodiscard, gnu::always_inline]] inline status give(void* p, layout given,
                                                       void** emptied = nullptr) noexcept {
    if (checked && (!is_live_object(p) || (Sized && !fits(p, given)))) [[unlikely]] {
      return refuse(p, __builtin_return_address(0));
    }
    const size_t place = place_of(reinterpret_cast<uintptr_t>(p));
    slab& s = at(place);
    if constexpr (Level == check_level::full) {
      detail::poison(p, 0, s.steps * granule);
    }
    const bool was_full = s.mask == 0;
    s.mask |= uint32_t{1} << number_of(p);
    if (was_full) {
      link(place);
    }
    const bool is_empty = s.mask == all_free(s.steps);
    if (is_empty && (s.next != 0 || s.prev != 0)) {
      unlink(s);
      lists_.slabs[place / 32] &= ~(uint32_t{1} << (place % 32));
      void* const memory = reinterpret_cast<void*>(map_begin_ + (place << slab_log2));
      if (emptied == nullptr) {
        return base::deallocate(memory);
      }
      *emptied = memory;
    }
    return status::ok;
  }

  uintptr_t map_begin_ = 0;
  lists lists_;
};

}  // namespace acre::engine

#include <acre/detail/abi.hpp>
#include <acre/engine/heap_slabs_audit.hpp>
