// SPDX-License-Identifier: MIT
#include <acre/port/detail/chunk_table.hpp>

#include <acre/detail/placement.hpp>

namespace acre::inline ACRE_ABI::detail {

slab_record* chunk_table::find_further(const table& now, uintptr_t begin, unsigned shift) noexcept {
  // Ends, because a place is always empty. `removed` and 0 are no chunk's address.
  for (size_t at = begin >> shift;; ++at) {
    const entry& place = now.entries[at & now.mask];
    const uintptr_t found = place.begin.load(std::memory_order_acquire);
    if (found == 0 || begin == 0) {
      return nullptr;
    }
    if (found == begin) {
      return place.records.load(std::memory_order_relaxed);
    }
  }
}

size_t chunk_table::bytes_wanted() const noexcept {
  const size_t places = table_.load(std::memory_order_relaxed)->mask + 1;
  return used_ + 1 > places / 2 ? sizeof(table) + 2 * places * sizeof(entry) : 0;
}

bool chunk_table::add(uintptr_t begin, slab_record* records, unsigned shift,
                      void* memory) noexcept {
  table* now = table_.load(std::memory_order_relaxed);
  if (memory != nullptr) {
    const size_t places = 2 * (now->mask + 1);
    auto* const entries = reinterpret_cast<entry*>(static_cast<table*>(memory) + 1);
    for (size_t i = 0; i < places; ++i) {
      new (placement{entries + i}) entry{};
    }
    auto* const larger = new (placement{memory}) table{places - 1, entries};
    used_ = 0;
    for (size_t i = 0; i <= now->mask; ++i) {
      const uintptr_t found = now->entries[i].begin.load(std::memory_order_relaxed);
      if (found > removed) {
        insert(*larger, found, now->entries[i].records.load(std::memory_order_relaxed), shift);
      }
    }
    table_.store(larger, std::memory_order_release);
    now = larger;
  } else if (used_ + 1 > now->mask) {
    return false;
  }
  insert(*now, begin, records, shift);
  return true;
}

void chunk_table::insert(table& into, uintptr_t begin, slab_record* records,
                         unsigned shift) noexcept {
  for (size_t at = begin >> shift;; ++at) {
    entry& place = into.entries[at & into.mask];
    const uintptr_t found = place.begin.load(std::memory_order_relaxed);
    if (found <= removed) {
      used_ += found == 0 ? 1 : 0;
      place.records.store(records, std::memory_order_relaxed);
      place.begin.store(begin, std::memory_order_release);
      return;
    }
  }
}

void chunk_table::remove(uintptr_t begin, unsigned shift) noexcept {
  table& now = *table_.load(std::memory_order_relaxed);
  for (size_t at = begin >> shift;; ++at) {
    entry& place = now.entries[at & now.mask];
    if (place.begin.load(std::memory_order_relaxed) == begin) {
      place.begin.store(removed, std::memory_order_relaxed);
      return;
    }
  }
}

void chunk_table::clear() noexcept {
  for (entry& place : first_entries_) {
    place.begin.store(0, std::memory_order_relaxed);
  }
  table_.store(&first_, std::memory_order_relaxed);
  used_ = 0;
}

}  // namespace acre::detail
