// SPDX-License-Identifier: MIT
#include <acre/port/detail/block_states.hpp>

#include <acre/detail/placement.hpp>

namespace acre::inline ACRE_ABI::detail {

state_cell* block_states::at(const void* p, store_memory& memory) noexcept {
  if (state_cell* const known = find(p); known != nullptr) {
    return known;
  }
  return add(stretch_of(p), memory) ? find(p) : nullptr;
}

bool block_states::add(uintptr_t begin, store_memory& memory) noexcept {
  if (const size_t bytes = table_.bytes_wanted(); bytes != 0 && table_memory_ == nullptr) {
    table_memory_ = memory.take(bytes);
  }
  if (stretch_memory_ == nullptr) {
    stretch_memory_ = memory.take(sizeof(stretch) + cells_in_stretch() * sizeof(state_cell));
    if (stretch_memory_ == nullptr) {
      return false;
    }
  }
  auto* const fresh = new (placement{stretch_memory_}) stretch{stretches_};
  for (size_t i = 0; i < cells_in_stretch(); ++i) {
    new (placement{fresh->cells() + i}) state_cell{0};
  }
  // Before anybody can find them.
  if (!table_.add(begin, fresh->cells(), stretch_shift, table_memory_)) {
    return false;
  }
  stretches_ = fresh;
  table_memory_ = nullptr;
  stretch_memory_ = nullptr;
  return true;
}

void block_states::clear() noexcept {
  table_.clear();
  stretches_ = nullptr;
  table_memory_ = nullptr;
  stretch_memory_ = nullptr;
}

}  // namespace acre::detail
