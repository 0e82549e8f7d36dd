// SPDX-License-Identifier: MIT
// reclaiming: a last chance before exhaustion.
#pragma once

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI {

/// Before allocate answers null it calls the callback, outside the allocator's lock, as long as that
/// returns true ("something was given back, try again") and at most `Attempts` times.
/// Holds a reference: the allocator must outlive it.
template <sized_allocator A, unsigned Attempts = 4>
class reclaiming {
 public:
  using callback = bool (*)(void* context, layout wanted) noexcept;

  constexpr reclaiming(A& target, callback reclaim, void* context = nullptr) noexcept
      : target_(&target), reclaim_(reclaim), context_(context) {}

  /// Null iff the allocator is exhausted and the callback could not help.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    void* block = target_->allocate(wanted);
    for (unsigned attempt = 0; block == nullptr && attempt < Attempts && wanted.valid() &&
                               reclaim_ != nullptr && reclaim_(context_, wanted);
         ++attempt) {
      block = target_->allocate(wanted);
    }
    return block;
  }
  status deallocate(void* block, layout given) noexcept {
    return target_->deallocate(block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept requires owning_allocator<A> {
    return target_->owns(p);
  }

 private:
  A* target_;
  callback reclaim_;
  void* context_;
};

}  // namespace acre
