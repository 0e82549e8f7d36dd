// SPDX-License-Identifier: MIT
// engine::slab: objects of a few sizes, packed into slabs of one size each.
//
// Structure: the region is cut into slabs of equal size, carved as they are needed. A slab belongs to
// one size class at a time and has a header with a bitmap, a set bit for each free object, either at
// its start or out of band behind all slabs. Each class lists the slabs that have a free object; a
// full slab is in no list, and finds back into it with the first free, which knows the slab from the
// address. A slab with nothing in use goes back to the allocator for any class; a cache with
// constructed objects keeps it in a list of its own instead.
//
//   partial[c] -> slab <-> slab      full slabs: no list     empty_ -> slab -> slab
//
// Why a bitmap and not a free list inside the objects: it leaves an object as its last user left it
// (constructed), and it knows exactly what is live.
//
// I1  carved_ <= total_, multiples of the slab size.
// I2  A carved slab is in empty_ with class no_class, or has a class, and then is in that class's
//     list once iff it has a free object.
// I3  Bits behind a slab's last object are 0; summary and in_use say what the bitmap says.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/poison.hpp>
#include <acre/engine/slab_table.hpp>
#include <acre/engine/step_cursor.hpp>
#include <acre/fault.hpp>
#include <acre/layout.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI::engine {

/// How far a call in steps has come. A step is a slab or, behind them, the head of a list.
struct slab_cursor : step_cursor {
  size_t slab = 0;  // those before are done
  size_t list = 0;
};

/// What does not depend on the size classes at compile time.
class ACRE_API slab_core {
 public:
  static constexpr bool bounds_are_fixed = true;
  using cursor_type = slab_cursor;

  [[nodiscard]] bool owns(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(p) - base_ < total_;
  }

 protected:
  status init(region memory, const slab_table& table) noexcept;
  [[nodiscard]] acre::usage usage(const slab_table& table) const noexcept;
  [[nodiscard]] status validate(const slab_table& table,
                                slab_header* const* partial) const noexcept;
  [[nodiscard]] status validate_step(slab_cursor& cursor, size_t steps, const slab_table& table,
                                     slab_header* const* partial) const noexcept;
  [[nodiscard]] status usage_step(slab_cursor& cursor, size_t steps, acre::usage& sum,
                                  const slab_table& table) const noexcept;
  size_t trim(const slab_table& table) noexcept;
  /// What is wrong with freeing `p`; ok if it is a live object, of whatever size.
  [[nodiscard]] status diagnose(uintptr_t p, const slab_table& table) const noexcept;
  [[gnu::cold, gnu::noinline]] status refuse(const void* p, const slab_table& table) const noexcept;
  [[nodiscard]] slab_header* header_at(size_t offset, const slab_table& table) const noexcept;
  /// ok, not_initialised, or corrupted if I1 does not hold.
  [[nodiscard]] status validate_bounds(const slab_table& table) const noexcept;
  [[nodiscard]] bool is_intact(const slab_header* slab, uintptr_t begin,
                               const slab_table& table) const noexcept;
  [[nodiscard]] bool is_carved(const slab_header* slab, const slab_table& table) const noexcept;
  [[nodiscard]] bool may_be_in(const slab_header* slab, unsigned list,
                               const slab_table& table) const noexcept;
  [[nodiscard]] bool is_linked(const slab_header* slab, const slab_table& table,
                               slab_header* const* partial) const noexcept;
  [[nodiscard]] bool any_slab_left() const noexcept {
    return empty_ != nullptr || retained_ != nullptr || carved_ != total_;
  }

  uintptr_t base_ = 0;
  size_t carved_ = 0;                // bytes
  size_t total_ = 0;                 // bytes
  slab_header* empty_ = nullptr;     // slabs in nobody's hands
  slab_header* retained_ = nullptr;  // slabs of constructed objects, none in use
};

/// `Tables` describes the classes, in constants (detail::slab_tables) or in members (slab_run_time_tables);
/// `Objects` says what happens to the objects of a slab that a class takes or gives back.
template <check_level Level, class Tables, class Objects>
class slab : public slab_core, protected Tables {
  using Tables::class_for;
  using Tables::classes;
  using Tables::count;
  using Tables::fits;
  using Tables::header_bytes;
  using Tables::out_of_band;
  using Tables::slab_shift;
  // A bitmap of one word needs neither a summary nor a count.
  static constexpr bool wide = Tables::wide;
  static constexpr bool single = Tables::single;
  static constexpr bool fills = Level == check_level::full && Objects::construct == nullptr;

 public:
  status init(region memory) noexcept {
    for (slab_header** list = partial_; list != partial_ + count; ++list) {
      *list = nullptr;
    }
    return slab_core::init(memory, table());
  }

  // Inlined into the shell, so that a call passes its layout in registers once.
  [[nodiscard, gnu::always_inline]] inline void* allocate(layout wanted) noexcept {
    const unsigned index = class_for(wanted);
    if (index >= count) {
      return nullptr;
    }
    slab_header*& head = partial_[index];
    slab_header* s = head;
    if (s == nullptr) [[unlikely]] {
      s = take_slab(index);
      if (s == nullptr) {
        return nullptr;
      }
      head = s;
    }
    size_t w = 0;
    if constexpr (wide) {
      w = detail::trailing_zeros_word(s->summary);
    }
    const slab_word word = s->bits()[w];
    const slab_word rest = word & (word - 1);
    s->bits()[w] = rest;
    bool full = rest == 0;
    if constexpr (wide) {
      ++s->in_use;
      if (rest == 0) {
        s->summary &= s->summary - 1;
        full = s->summary == 0;
      }
    }
    if (full) {  // head -> s -> x  becomes  head -> x
      slab_header* next = s->next;
      head = next;
      if (next != nullptr) {
        next->previous = nullptr;
      }
    }
    const slab_class& c = classes.of[index];
    const size_t q = w * slab_word_bits + detail::trailing_zeros_word(word);
    void* object = reinterpret_cast<void*>(objects_of(s, c) + q * c.size);
    if constexpr (fills) {
      if (!detail::is_poisoned(object, 0, c.size)) {
        detail::raise_corruption(object, this);
      }
    }
    return object;
  }

  [[gnu::always_inline]] inline status deallocate(void* block, layout given) noexcept {
    const auto p = reinterpret_cast<uintptr_t>(block);
    const size_t offset = p - base_;
    if constexpr (Level == check_level::none) {
      if (block == nullptr) {
        return status::ok;
      }
    } else if (offset >= carved_) [[unlikely]] {  // null, too
      return refuse(block, table());
    }
    slab_header* const s = header_of(offset);
    const unsigned index = s->class_index;
    if constexpr (Level != check_level::none) {
      if (index >= count || !fits(index, given)) [[unlikely]] {
        return refuse(block, table());
      }
    }
    const slab_class& c = classes.of[single ? 0 : index];
    const size_t q = c.index(p - objects_of(s, c));
    if (Level != check_level::none && q >= c.objects) [[unlikely]] {
      return refuse(block, table());
    }
    const size_t w = wide ? q / slab_word_bits : 0;
    const slab_word bit = slab_word{1} << (wide ? q % slab_word_bits : q);
    const slab_word before = s->bits()[w];
    if (Level != check_level::none && (before & bit) != 0) [[unlikely]] {
      return refuse(block, table());
    }
    if constexpr (fills) {
      detail::poison(block, 0, c.size);
    }
    s->bits()[w] = before | bit;
    bool was_full = before == 0;
    bool empty = (before | bit) == c.last_word;
    if constexpr (wide) {
      was_full = s->summary == 0;
      if (before == 0) {
        s->summary |= slab_word{1} << w;
      }
      empty = --s->in_use == 0;
    }
    slab_header*& head = partial_[single ? 0 : index];
    if (empty) [[unlikely]] {
      if (!was_full) {
        unlink(head, s);
      }
      give_slab(s);
    } else if (was_full) {  // head -> x  becomes  head -> s <-> x
      slab_header* next = head;
      s->previous = nullptr;
      s->next = next;
      if (next != nullptr) {
        next->previous = s;
      }
      head = s;
    }
    return status::ok;
  }

  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept {
    const auto address = reinterpret_cast<uintptr_t>(p);
    return diagnose(address, table()) == status::ok &&
           fits(header_of(address - base_)->class_index, given);
  }
  [[nodiscard]] acre::usage usage() const noexcept {
    return slab_core::usage(table());
  }
  [[nodiscard]] size_t largest_free() const noexcept {
    for (unsigned i = count; i-- > 0;) {
      if (partial_[i] != nullptr || any_slab_left()) {
        return classes.of[i].size;
      }
    }
    return 0;
  }
  [[nodiscard]] status validate() const noexcept {
    return slab_core::validate(table(), partial_);
  }
  [[nodiscard]] status validate_step(slab_cursor& cursor, size_t steps) const noexcept {
    return slab_core::validate_step(cursor, steps, table(), partial_);
  }
  [[nodiscard]] status usage_step(slab_cursor& cursor, size_t steps,
                                  acre::usage& sum) const noexcept {
    return slab_core::usage_step(cursor, steps, sum, table());
  }
  size_t trim() noexcept {
    return slab_core::trim(table());
  }

 private:
  [[nodiscard]] const slab_table& table() const noexcept {
    return Tables::template table<Objects::destroy, fills>();
  }
  [[nodiscard]] uintptr_t objects_of(const slab_header* s, const slab_class& c) const noexcept {
    return out_of_band ? s->start : reinterpret_cast<uintptr_t>(s) + c.first;
  }
  [[nodiscard]] slab_header* header_of(size_t offset) const noexcept {
    const size_t index = offset >> slab_shift;
    return reinterpret_cast<slab_header*>(out_of_band ? base_ + total_ + index * header_bytes
                                                      : base_ + (index << slab_shift));
  }
  static void unlink(slab_header*& head, slab_header* s) noexcept {
    // x <-> s <-> y  becomes  x <-> y
    slab_header* next = s->next;
    slab_header* previous = s->previous;
    if (next != nullptr) {
      next->previous = previous;
    }
    (previous != nullptr ? previous->next : head) = next;
  }

  /// A slab with all objects free, in no list; null if there is none.
  [[gnu::noinline]] slab_header* take_slab(unsigned index) noexcept {
    const slab_class& c = classes.of[single ? 0 : index];
    if constexpr (Objects::retain) {
      if (slab_header* s = retained_; s != nullptr) {
        retained_ = s->next;
        s->next = nullptr;
        return s;
      }
    }
    slab_header* s = empty_;
    if (s != nullptr) {
      empty_ = s->next;
      if constexpr (fills) {
        verify_filled(s);
      }
    } else {
      const size_t offset = carved_;
      if (offset == total_) {
        return nullptr;
      }
      carved_ = offset + (size_t{1} << slab_shift);
      s = header_of(offset);
      if (out_of_band) {
        s->start = base_ + offset;
      }
    }
    s->next = nullptr;
    s->previous = nullptr;
    s->class_index = static_cast<uint8_t>(index);
    if constexpr (wide) {
      s->summary = ~slab_word{0} >> (slab_word_bits - c.words);
      s->in_use = 0;
      for (size_t w = 0; w + 1 < c.words; ++w) {
        s->bits()[w] = ~slab_word{0};
      }
      s->bits()[c.words - size_t{1}] = c.last_word;
    } else {
      s->bits()[0] = c.last_word;
    }
    if constexpr (Objects::construct != nullptr) {
      for (size_t i = 0; i < c.objects; ++i) {
        Objects::construct(reinterpret_cast<void*>(objects_of(s, c) + i * c.size));
      }
    }
    if constexpr (fills) {
      detail::poison(reinterpret_cast<void*>(objects_of(s, c)), 0, c.objects * c.size);
    }
    return s;
  }

  /// Traps if something was written to the objects of an empty slab.
  void verify_filled(const slab_header* s) const noexcept {
    const slab_class& c = classes.of[s->in_use < count ? s->in_use : 0];
    const auto* first = reinterpret_cast<const void*>(objects_of(s, c));
    if (s->in_use >= count || !detail::is_poisoned(first, 0, c.objects * c.size)) {
      detail::raise_corruption(first, this);
    }
  }

  /// Takes a slab that is in no list and has nothing in use.
  void give_slab(slab_header* s) noexcept {
    if constexpr (Objects::retain) {
      s->previous = nullptr;
      s->next = retained_;
      retained_ = s;
    } else {
      if constexpr (fills) {
        s->in_use = s->class_index;  // whose objects are filled
      }
      s->class_index = no_class;
      s->next = empty_;
      empty_ = s;
    }
  }

 protected:
  typename Tables::lists partial_{};
};

}  // namespace acre::engine
