// SPDX-License-Identifier: MIT
// chunk_table: which chunk is at this address? Asked in every free, of any pointer whatsoever, so nothing is
// read at the address itself.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::detail {

struct slab_chunk;
struct slab_record;

/// Chunks by the upper bits of their address: open addressing, half empty at least. Readers take no lock;
/// who adds or removes has the store's. No entry is ever moved in a table that has readers, so that each
/// finds what was there when it came: a removed one is marked, and a larger table is a new one.
class chunk_table {
 public:
  constexpr chunk_table() noexcept = default;

  /// The records of the chunk that begins at `begin`, a multiple of 1 << shift; null if there is none.
  /// O(1), expected.
  [[gnu::always_inline]] [[nodiscard]] inline slab_record* find(uintptr_t begin,
                                                                unsigned shift) const noexcept {
    const table& now = *table_.load(std::memory_order_acquire);
    const entry& place = now.entries[(begin >> shift) & now.mask];
    if (place.begin.load(std::memory_order_acquire) == begin) [[likely]] {
      return place.records.load(std::memory_order_relaxed);
    }
    return find_further(now, begin, shift);
  }

  /// The bytes of memory that add() needs to be given now; 0 if none.
  [[nodiscard]] size_t bytes_wanted() const noexcept;

  /// `memory`: of bytes_wanted(), zero or not, for as long as the table is used; null if there is none. False, and nothing has
  /// changed, iff there is no place left. O(chunks) if it grows, else O(1).
  [[nodiscard]] bool add(uintptr_t begin, slab_record* records, unsigned shift,
                         void* memory) noexcept;
  void remove(uintptr_t begin, unsigned shift) noexcept;

  /// Forgets all chunks and the memory. Nobody reads.
  void clear() noexcept;

 private:
  static constexpr uintptr_t removed = 1;
  static constexpr size_t first_places = 16;

  struct entry {
    std::atomic<uintptr_t> begin{0};
    std::atomic<slab_record*> records{nullptr};
  };
  struct table {
    size_t mask;
    entry* entries;
  };

  [[nodiscard]] static slab_record* find_further(const table& now, uintptr_t begin,
                                                 unsigned shift) noexcept;
  void insert(table& into, uintptr_t begin, slab_record* records, unsigned shift) noexcept;

  entry first_entries_[first_places];
  table first_{first_places - 1, first_entries_};
  std::atomic<table*> table_{&first_};
  size_t used_ = 0;  // entries that are not empty, removed ones included
};

}  // namespace acre::detail
