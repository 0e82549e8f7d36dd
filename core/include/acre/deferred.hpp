// SPDX-License-Identifier: MIT
// deferred: one owner allocates, anyone frees.
//
// An interrupt handler, or another core, frees without waiting and without masking: the block goes into a
// remote_inbox. The owner gives a few of them back to the allocator each time it allocates, so its own
// time is bounded, too. The allocator needs no lock.
#pragma once

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/placement.hpp>
#include <acre/fault.hpp>
#include <acre/remote_inbox.hpp>

namespace acre::inline ACRE_ABI {

/// Frees go to `A`, at most `PerCall` of them in each allocate(). Holds a reference: the allocator must
/// outlive it, and only the owner may use it otherwise.
///
/// A block that waits holds its link, and, if A wants a size for a free, the layout: so every block has
/// at least block_bytes. Blocks come from this class's allocate().
///
/// Misuse: a foreign block is refused at once, if A checks and knows what it owns. All else is found by A
/// when the free is applied, in the owner's context. A block that was freed twice before the owner came
/// round is then refused as double_free, and what was freed just before it may be lost to the program.
template <sized_allocator A, size_t PerCall = 2>
class deferred {
  static constexpr bool keeps_layout = !unsized_allocator<A>;

  struct [[gnu::may_alias]] waiting {
    void* link;
    layout given;
  };

 public:
  /// The smallest block that can wait, and what it is aligned to; smaller requests are rounded up.
  static constexpr size_t block_bytes = keeps_layout ? sizeof(waiting) : remote_inbox::block_bytes;

  static constexpr size_t block_alignment = remote_inbox::block_alignment;

  constexpr explicit deferred(A& owned) noexcept : allocator_(&owned) {}

  /// Applies up to PerCall frees, then allocates. Null iff A is exhausted, though frees may still wait:
  /// then apply() helps. The owner only. Cost: allocate of A and PerCall times its deallocate.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    apply(PerCall);
    return allocator_->allocate(with_room(wanted));
  }

  /// Gives `block` back when the owner comes round; null does nothing. `given` is the layout of the
  /// request. Any thread, interrupt or core; wait-free, see remote_inbox::push. Returns ok, or
  /// foreign_pointer or wrong_size (a layout that is not valid), and then nothing has changed.
  status deallocate(void* block, layout given) noexcept {
    if (block == nullptr) {
      return status::ok;
    }
    if constexpr (keeps_layout) {
      if (!given.valid()) [[unlikely]] {
        return detail::raise_misuse(status::wrong_size, block, this, __builtin_return_address(0));
      }
    }
    if constexpr (checks_owner) {
      if (!allocator_->owns(block)) [[unlikely]] {
        return detail::raise_misuse(status::foreign_pointer, block, this,
                                    __builtin_return_address(0));
      }
    }
    if constexpr (keeps_layout) {
      static_cast<waiting*>(block)->given = with_room(given);
    }
    inbox_.push(block);
    return status::ok;
  }

  /// The same without a layout.
  status deallocate(void* block) noexcept requires unsized_allocator<A> {
    return deallocate(block, layout{});
  }

  /// Gives up to `at_most` waiting blocks back to A; returns how many A took. The owner only. Cost: at
  /// most `at_most` times A's deallocate.
  size_t apply(size_t at_most) noexcept {
    size_t applied = 0;
    for (size_t i = 0; i < at_most; ++i) {
      void* const block = inbox_.pop();
      if (block == nullptr) {
        break;
      }
      const status result = give_back(block);
      applied += result == status::ok ? 1 : 0;
      if (result == status::double_free) {
        inbox_.drop();
      }
    }
    return applied;
  }

  /// True iff no free waits. The owner only.
  [[nodiscard]] bool empty() const noexcept {
    return inbox_.empty();
  }

  /// As A's.
  [[nodiscard]] bool owns(const void* p) const noexcept requires owning_allocator<A> {
    return allocator_->owns(p);
  }

 private:
  static constexpr bool checks_owner = [] {
    if constexpr (owning_allocator<A> && requires { A::policies_type::level; }) {
      return A::policies_type::level != check_level::none;
    }
    return false;
  }();

  static constexpr layout with_room(layout wanted) noexcept {
    return {detail::max_of(wanted.size, block_bytes),
            detail::max_of(wanted.align, block_alignment)};
  }

  status give_back(void* block) noexcept {
    if constexpr (keeps_layout) {
      return allocator_->deallocate(block, static_cast<const waiting*>(block)->given);
    } else {
      return allocator_->deallocate(block);
    }
  }

  A* allocator_;
  remote_inbox inbox_;
};

}  // namespace acre
