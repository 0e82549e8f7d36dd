// SPDX-License-Identifier: MIT
#include <acre/port/detail/store_memory.hpp>

#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/placement.hpp>

namespace acre::inline ACRE_ABI::detail {

void* store_memory::take(size_t bytes) noexcept {
  constexpr size_t least = size_t{64} << 10;
  bytes = round_up(bytes, cache_line);
  if (left_.size < bytes) {
    const size_t wanted = bytes + sizeof(piece) + cache_line;
    const region memory = source_.acquire(max_of(max_of(wanted, least), source_.granularity()));
    if (memory.size < wanted) {
      if (!memory.empty()) {
        source_.release(memory);
      }
      return nullptr;
    }
    const region usable = memory.aligned(alignof(piece));
    pieces_ = new (placement{usable.begin}) piece{pieces_, memory};
    left_ = region{pieces_ + 1, usable.size - sizeof(piece)}.aligned(cache_line);
    bytes_ += memory.size;
  }
  void* const given = left_.begin;
  left_ = {static_cast<unsigned char*>(given) + bytes, left_.size - bytes};
  return given;
}

void store_memory::release_all() noexcept {
  left_ = {};
  bytes_ = 0;
  while (pieces_ != nullptr) {
    const region memory = pieces_->memory;
    pieces_ = pieces_->next;
    source_.release(memory);
  }
}

}  // namespace acre::detail
