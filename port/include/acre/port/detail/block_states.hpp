// SPDX-License-Identifier: MIT
// block_states: what is known of each block that went through a cache, in a word for each place where one may
// begin. Asked in every free, of any address whatsoever, so nothing is read at the address itself.
//
//   15 14 ... 10   9 ... 0
//   0  0           0         no block of the cache begins here
//   0  class + 1   holder    in use; allocated by the holder, the number of a thread's part, or 0
//   1  number                in the magazine of this number; the first ones are those of the classes' inboxes
//
// The holder of a block in use changes its word by a plain store, all others by compare-and-exchange. So of
// two others that free it at a time one is refused. Where one is the holder, the block may be in two magazines; but
// its word names one of them, and blocks are compared with their words before they leave: whose magazine it is has the
// block, and nobody else, now or when the block comes to him later. (Not where the other one has handed it out again
// before the holder's store arrives, which wipes out that word.) At level full the holder makes a compare-and-exchange,
// too, and one of any two is refused.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/port/detail/chunk_table.hpp>
#include <acre/port/detail/store_memory.hpp>

namespace acre::inline ACRE_ABI::detail {

using state_word = uint16_t;
using state_cell = std::atomic<state_word>;

inline constexpr unsigned holder_bits = 10;
inline constexpr state_word holders_max = (1U << holder_bits) - 1;
inline constexpr state_word cached_bit = 0x8000;
inline constexpr size_t cached_classes_max = 31;
/// Numbers of magazines: below, those of inboxes.
inline constexpr state_word first_magazine = cached_classes_max + 1;
inline constexpr state_word last_magazine = 0x7FFF;
/// Of no class: no block's word is ever this.
inline constexpr state_word no_live_state = holders_max;

constexpr state_word live_state(unsigned size_class, state_word holder) noexcept {
  return static_cast<state_word>((size_class + 1) << holder_bits | holder);
}
constexpr state_word inbox_state(unsigned size_class) noexcept {
  return static_cast<state_word>((size_class + 1) | cached_bit);
}
/// The word without its holder, where it has one.
constexpr state_word unheld(state_word state) noexcept {
  return state & static_cast<state_word>(~holders_max);
}

class ACRE_API block_states {
 public:
  /// Addresses are mapped in stretches of this many bytes.
  static constexpr unsigned stretch_shift = 18;
  static constexpr size_t stretch_bytes = size_t{1} << stretch_shift;

  /// A granule is the least distance of two blocks' begins, and what they are aligned to.
  explicit constexpr block_states(unsigned granule_shift) noexcept
      : granule_shift_(static_cast<uint8_t>(granule_shift)) {}

  /// The word for a block that begins at `p`; null if none ever lay near, or none can begin there. O(1),
  /// expected. Waits for nobody.
  [[nodiscard]] state_cell* find(const void* p) const noexcept {
    return find(p, granule_shift_);
  }
  /// The same where the compiler knows the shift.
  [[gnu::always_inline]] [[nodiscard]] inline state_cell* find(
      const void* p, unsigned granule_shift) const noexcept {
    const uintptr_t begin = stretch_of(p);
    auto* const cells = static_cast<state_cell*>(table_.find(begin, stretch_shift));
    const uintptr_t offset = reinterpret_cast<uintptr_t>(p) - begin;
    if (cells == nullptr || (offset & ((size_t{1} << granule_shift) - 1)) != 0) [[unlikely]] {
      return nullptr;
    }
    return cells + (offset >> granule_shift);
  }

  // Under the lock of the store.

  /// The same, and makes it if there is none. Null iff `memory` has no room.
  [[nodiscard]] state_cell* at(const void* p, store_memory& memory) noexcept;

  /// Calls each(cell) for all cells there are.
  template <class Each>
  void for_each(Each each) const noexcept {
    for (const stretch* one = stretches_; one != nullptr; one = one->next) {
      for (size_t i = 0; i < cells_in_stretch(); ++i) {
        each(one->cells()[i]);
      }
    }
  }

  /// Forgets everything, and the memory.
  void clear() noexcept;

 private:
  struct stretch {
    stretch* next;

    [[nodiscard]] state_cell* cells() const noexcept {
      return reinterpret_cast<state_cell*>(const_cast<stretch*>(this) + 1);
    }
  };

  static uintptr_t stretch_of(const void* p) noexcept {
    return round_down(reinterpret_cast<uintptr_t>(p), stretch_bytes);
  }
  [[nodiscard]] constexpr size_t cells_in_stretch() const noexcept {
    return stretch_bytes >> granule_shift_;
  }
  [[nodiscard]] bool add(uintptr_t begin, store_memory& memory) noexcept;

  chunk_table table_;
  stretch* stretches_ = nullptr;
  // Kept, where there was room for one and not for the other.
  void* table_memory_ = nullptr;
  void* stretch_memory_ = nullptr;
  uint8_t granule_shift_;
};

}  // namespace acre::detail
