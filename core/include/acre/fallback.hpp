// SPDX-License-Identifier: MIT
// fallback: a second allocator for what the first can't serve.
#pragma once

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI {

/// Asks `Primary`, and if that is exhausted `Secondary`. A block goes back to the one that owns it.
/// Holds references: both must outlive it. Threads and interrupts: as both allocators.
template <owning_allocator Primary, sized_allocator Secondary>
class fallback {
 public:
  constexpr fallback(Primary& primary, Secondary& secondary) noexcept
      : primary_(&primary), secondary_(&secondary) {}

  /// Null iff both are exhausted.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    void* block = primary_->allocate(wanted);
    return block != nullptr ? block : secondary_->allocate(wanted);
  }
  status deallocate(void* block, layout given) noexcept {
    return primary_->owns(block) ? primary_->deallocate(block, given)
                                 : secondary_->deallocate(block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept requires owning_allocator<Secondary> {
    return primary_->owns(p) || secondary_->owns(p);
  }

 private:
  Primary* primary_;
  Secondary* secondary_;
};

}  // namespace acre
