// SPDX-License-Identifier: MIT
// chunk_table: which chunk is at this address? Asked in every free, of any pointer whatsoever, so nothing is
// read at the address itself.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::detail {

/// Chunks by the upper bits of their address: open addressing, half empty at least. Readers take no lock;
/// who adds or removes has the store's. No entry is ever moved in a table that has readers, so that each
/// finds what was there when it came: a removed one is marked, and a larger table is a new one.
class ACRE_API chunk_table {
 public:
  constexpr chunk_table() noexcept = default;

  /// What is kept for the chunk that begins at `begin`, a multiple of 1 << shift; null if there is none.
  /// O(1), expected. Inline as a whole: with a call in it, its callers would save registers in each of theirs.
  [[gnu::always_inline]] [[nodiscard]] inline void* find(uintptr_t begin,
                                                         unsigned shift) const noexcept {
    const table& now = *table_.load(std::memory_order_acquire);
    // Ends, because a place is always empty. No chunk begins at 0 or at `removed`.
    for (size_t at = begin >> shift;; ++at) {
      const entry& place = now.entries[at & now.mask];
      const uintptr_t found = place.begin.load(std::memory_order_acquire);
      if (found == begin) [[likely]] {
        return place.kept.load(std::memory_order_relaxed);
      }
      if (found == 0) {
        return nullptr;
      }
    }
  }

  /// The bytes of memory that add() needs to be given now; 0 if none.
  [[nodiscard]] size_t bytes_wanted() const noexcept;

  /// `memory`: of bytes_wanted(), zero or not, for as long as the table is used; null if there is none. False, and nothing has
  /// changed, iff there is no place left. O(chunks) if it grows, else O(1).
  [[nodiscard]] bool add(uintptr_t begin, void* kept, unsigned shift, void* memory) noexcept;
  void remove(uintptr_t begin, unsigned shift) noexcept;

  /// Forgets all chunks and the memory. Nobody reads.
  void clear() noexcept;

 private:
  static constexpr uintptr_t removed = 1;
  static constexpr size_t first_places = 16;

  struct entry {
    std::atomic<uintptr_t> begin{0};
    std::atomic<void*> kept{nullptr};
  };
  struct table {
    size_t mask;
    entry* entries;
  };

  void insert(table& into, uintptr_t begin, void* kept, unsigned shift) noexcept;

  entry first_entries_[first_places];
  table first_{first_places - 1, first_entries_};
  std::atomic<table*> table_{&first_};
  size_t used_ = 0;  // entries that are not empty, removed ones included
};

}  // namespace acre::detail
