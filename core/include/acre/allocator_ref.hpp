// SPDX-License-Identifier: MIT
// allocator_ref: any allocator behind one type, for code that must not be a template.
//
// A pointer and a table of functions, and not a virtual base: a virtual destructor pulls operator
// delete and atexit into every image, a constant table pulls in nothing.
#pragma once

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI {

/// Two words; copy it freely. The allocator must outlive every copy. A default-constructed reference
/// refers to nothing: it is always exhausted, owns nothing, and refuses every block as foreign.
///
/// Cost: an indirect call more than the allocator. Threads and interrupts: as the allocator.
class allocator_ref {
 public:
  constexpr allocator_ref() noexcept = default;

  template <owning_allocator A>
  requires(!detail::same_as<A, allocator_ref>) constexpr allocator_ref(
      A& target) noexcept  // NOLINT(google-explicit-constructor): a reference
      : target_(&target), operations_(&operations_for<A>) {}

  [[nodiscard]] void* allocate(layout wanted) const noexcept {
    return operations_->allocate(target_, wanted);
  }
  status deallocate(void* block, layout given) const noexcept {
    return operations_->deallocate(target_, block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return operations_->owns(target_, p);
  }

  /// The address of the allocator that it refers to; null if nothing.
  [[nodiscard]] constexpr const void* target() const noexcept {
    return target_;
  }

  /// True iff both refer to the same allocator.
  friend constexpr bool operator==(allocator_ref a, allocator_ref b) noexcept {
    return a.target_ == b.target_;
  }

 private:
  struct operations {
    void* (*allocate)(void*, layout) noexcept;
    status (*deallocate)(void*, void*, layout) noexcept;
    bool (*owns)(const void*, const void*) noexcept;
  };

  template <class A>
  static constexpr operations operations_for{
      [](void* a, layout wanted) noexcept -> void* { return static_cast<A*>(a)->allocate(wanted); },
      [](void* a, void* block, layout given) noexcept {
        return static_cast<A*>(a)->deallocate(block, given);
      },
      [](const void* a, const void* p) noexcept { return static_cast<const A*>(a)->owns(p); }};

  static constexpr operations nothing{[](void*, layout) noexcept -> void* { return nullptr; },
                                      [](void*, void* block, layout) noexcept {
                                        return block == nullptr ? status::ok
                                                                : status::foreign_pointer;
                                      },
                                      [](const void*, const void*) noexcept { return false; }};

  void* target_ = nullptr;
  const operations* operations_ = &nothing;
};

static_assert(owning_allocator<allocator_ref> && sizeof(allocator_ref) == 2 * sizeof(void*));

}  // namespace acre
