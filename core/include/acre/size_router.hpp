// SPDX-License-Identifier: MIT
// size_router: small requests to one allocator, the others to another.
#pragma once

#include <acre/concepts.hpp>

namespace acre {

/// Requests of at most `Limit` bytes go to `Small`, all others to `Large`, both ways: the layout of
/// deallocate decides, so no ownership test is needed. Nest routers for more than two sizes.
/// Holds references: both must outlive it. Threads and interrupts: as both allocators.
template <size_t Limit, sized_allocator Small, sized_allocator Large>
class size_router {
 public:
  constexpr size_router(Small& small, Large& large) noexcept : small_(&small), large_(&large) {}

  /// Null iff the allocator for this size is exhausted.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return wanted.size <= Limit ? small_->allocate(wanted) : large_->allocate(wanted);
  }
  status deallocate(void* block, layout given) noexcept {
    return given.size <= Limit ? small_->deallocate(block, given)
                               : large_->deallocate(block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept requires owning_allocator<Small> &&
      owning_allocator<Large> {
    return small_->owns(p) || large_->owns(p);
  }

 private:
  Small* small_;
  Large* large_;
};

}  // namespace acre
