// SPDX-License-Identifier: MIT
// allocator_source: regions that are blocks of an allocator, for allocators inside others' memory.
#pragma once

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/port/std_allocator.hpp>

namespace acre::inline ACRE_ABI {

/// A region_source over `Handle`, an allocator_ref or a direct_ref<A>: `arena<policies<>,
/// allocator_source<>>` grows inside a heap. A region is at least `granularity` bytes.
template <memory_handle Handle = allocator_ref>
class allocator_source {
 public:
  constexpr explicit allocator_source(Handle from, size_t granularity = 4096) noexcept
      : from_(from), granularity_(granularity) {}

  [[nodiscard]] region acquire(size_t bytes) noexcept {
    void* block = from_.allocate({bytes, default_alignment});
    return block == nullptr ? region{} : region{block, bytes};
  }
  void release(region memory) noexcept {
    static_cast<void>(from_.deallocate(memory.begin, {memory.size, default_alignment}));
  }
  [[nodiscard]] size_t granularity() const noexcept {
    return granularity_;
  }

 private:
  Handle from_;
  size_t granularity_;
};

}  // namespace acre
