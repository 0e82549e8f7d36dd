// SPDX-License-Identifier: MIT
// size_router: small requests to one allocator, the others to another.
#pragma once

#include <stdint.h>

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI {

/// Requests of at most `Limit` bytes, and of at most `AlignLimit` where `Small` can align no better, go to
/// `Small`, all others to `Large`, both ways: the layout of deallocate decides, so no ownership test is
/// needed. Nest routers for more than two sizes.
/// Holds references: both must outlive it. Threads and interrupts: as both allocators.
template <size_t Limit, sized_allocator Small, sized_allocator Large, size_t AlignLimit = SIZE_MAX>
class size_router {
 public:
  constexpr size_router(Small& small, Large& large) noexcept : small_(&small), large_(&large) {}

  /// Null iff the allocator for this size is exhausted.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return is_small(wanted) ? small_->allocate(wanted) : large_->allocate(wanted);
  }
  status deallocate(void* block, layout given) noexcept {
    return is_small(given) ? small_->deallocate(block, given) : large_->deallocate(block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept requires owning_allocator<Small> &&
      owning_allocator<Large> {
    return small_->owns(p) || large_->owns(p);
  }
  /// True iff deallocate(p, given) would succeed now and `p` is not null.
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept
      requires(liveness_checking_allocator<Small>&& liveness_checking_allocator<Large>) {
    return is_small(given) ? small_->is_live(p, given) : large_->is_live(p, given);
  }

 private:
  static constexpr bool is_small(layout l) noexcept {
    return l.size <= Limit && l.align <= AlignLimit;
  }

  Small* small_;
  Large* large_;
};

}  // namespace acre
