// SPDX-License-Identifier: MIT
// prepaid: an allocator between a container and its memory, that can be asked for the container's next
// blocks before the container asks. What try_forms.hpp stands on where there are no exceptions.
//
//   acre::prepaid<> paid(nodes);
//   std::map<int, order, std::less<>, acre::try_allocator<std::pair<const int, order>>> book(paid);
//   if (!acre::try_emplace(book, 7, order{})) { ... }
#pragma once

#include <stddef.h>

#include <acre/allocator_ref.hpp>
#include <acre/detail/abi.hpp>
#include <acre/port/std_allocator.hpp>

namespace acre::inline ACRE_ABI {

/// Takes from `Memory`, and keeps up to two blocks that were paid for: an operation of a container needs no
/// more, a node and an array.
///
/// Cost: allocate a test more than the memory; deallocate nothing. Contexts: one thread at a time, as the
/// containers on it; the memory behind it may be shared, and must live as long. Has no destructor:
/// nothing stays paid between calls of the try_ forms.
template <memory_handle Memory = allocator_ref>
class prepaid {
 public:
  static constexpr size_t blocks_max = 2;

  constexpr prepaid(Memory from) noexcept  // NOLINT(google-explicit-constructor): a reference
      : from_(from) {}
  template <sized_allocator A>
  requires(!std::is_same_v<A, Memory> && std::is_constructible_v<Memory, A&>)  //
      constexpr prepaid(A& from) noexcept  // NOLINT(google-explicit-constructor): a reference
      : from_(from) {}
  prepaid(const prepaid&) = delete;
  prepaid& operator=(const prepaid&) = delete;

  /// Takes a block and keeps it for the request with just this layout. False, and nothing has changed,
  /// iff the memory has none, or blocks_max are kept.
  [[nodiscard]] bool pay(layout wanted) noexcept {
    if (count_ == blocks_max) {
      return false;
    }
    void* const block = from_.allocate(wanted);
    if (block == nullptr) {
      return false;
    }
    kept_[count_++] = {block, wanted};
    return true;
  }

  /// Gives back what was paid for and not asked for.
  void refund() noexcept {
    while (count_ != 0) {
      --count_;
      static_cast<void>(from_.deallocate(kept_[count_].block, kept_[count_].paid));
    }
  }

  /// A block that was paid for; if there is none with this layout, one from the memory.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    for (size_t i = 0; i < count_; ++i) {
      if (kept_[i].paid == wanted) {
        void* const block = kept_[i].block;
        kept_[i] = kept_[--count_];
        return block;
      }
    }
    return from_.allocate(wanted);
  }
  /// As the memory.
  status deallocate(void* block, layout given) noexcept {
    return from_.deallocate(block, given);
  }

 private:
  struct kept {
    void* block = nullptr;
    layout paid;
  };

  [[no_unique_address]] Memory from_;
  size_t count_ = 0;
  kept kept_[blocks_max];
};

/// What containers on a `prepaid<Memory>` have for an allocator.
template <class T, memory_handle Memory = allocator_ref>
using try_allocator = std_allocator<T, direct_ref<prepaid<Memory>>>;

}  // namespace acre
