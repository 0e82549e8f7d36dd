// SPDX-License-Identifier: MIT
// stack: last in, first out, from both ends of one region.
//
// Use it for scratch memory that nests: two phases of work can each have an end of the same region,
// and need no guess at how it is divided. A block costs a header of two words, and is rounded up to the
// default alignment.
//
// At basic and above deallocate refuses, before anything changes: out_of_order (a live block that is
// not the newest), double_free, foreign_pointer, interior_pointer and wrong_size. Refusing is O(1);
// only naming the reason walks the blocks.
#pragma once

#include <acre/basic_allocator.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/stack.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI {

/// A position of one side of a stack, to return to with release_to() of the same stack.
using stack_mark = engine::stack_mark;

/// How far validate_step() of a stack has come.
using stack_cursor = engine::stack_cursor;

/// validate_step() sees all that validate() sees. A step that sees damage makes sure by a walk from the
/// newest block, O(blocks): also if the block at the cursor was given back and another has taken its
/// place, and then the validation is over.
///
/// Cost: allocate, deallocate, mark and release_to O(1); reset O(1) (at full O(region), for the
/// fill).
template <class Policies = policies<>>
class stack : public basic_allocator<engine::stack<Policies::level>, Policies> {
  using shell = basic_allocator<engine::stack<Policies::level>, Policies>;

 public:
  using mark_type = stack_mark;

  /// Bytes that each block costs beside its own and its alignment.
  static constexpr size_t header_bytes = engine::stack_core::header_bytes;

  /// The size of a region that holds `blocks` blocks of `payload` bytes in sum, each with an
  /// alignment of at most `align`. SIZE_MAX if no region is large enough.
  static constexpr size_t required_bytes(size_t payload, size_t blocks,
                                         size_t align = default_alignment) noexcept {
    const size_t each = header_bytes + detail::max_of(align, default_alignment);
    if (payload > SIZE_MAX / 4 || blocks > SIZE_MAX / 4 / each) {
      return SIZE_MAX;
    }
    return payload + blocks * each + 2 * default_alignment;
  }

  /// The size of a region that serves one request for `wanted`, wherever it begins.
  static constexpr size_t required_bytes_for(layout wanted) noexcept {
    return required_bytes(wanted.size, 1, detail::max_of(wanted.align, default_alignment));
  }

  using shell::allocate;

  /// As allocate(wanted), from the side that is named.
  [[nodiscard]] void* allocate(layout wanted, stack_side side) noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return nullptr;
    }
    void* block = this->engine_.allocate(wanted, side);
    this->note_allocation(block, wanted);
    return block;
  }

  /// The present position of `side`.
  [[nodiscard]] stack_mark mark(stack_side side = stack_side::low) const noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return {};
    }
    return this->engine_.mark(side);
  }

  /// Gives back all blocks of the mark's side that are newer than it.
  /// Returns ok or out_of_order (a fault at basic and above): the position is not below the present
  /// one; then nothing has changed. A mark that was released past and then grown over again is
  /// found at full, by walking the side's blocks.
  status release_to(const stack_mark& position) noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    if constexpr (Policies::level != check_level::none) {
      if (!this->engine_.reachable(position, Policies::level)) {
        return detail::raise_misuse(status::out_of_order, reinterpret_cast<void*>(position.edge),
                                    &this->engine_, __builtin_return_address(0));
      }
    }
    this->engine_.rewind(position, Policies::level);
    this->note_usage();
    return status::ok;
  }

  /// Gives everything back, on both sides.
  void reset() noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return;
    }
    this->engine_.reset(Policies::level);
    this->note_usage();
  }
};

/// Marks one side of a stack on construction, and releases to the mark at the end of the scope.
/// Works with an arena as well. The owner must outlive the frame.
template <class Stack>
class [[nodiscard]] frame {
 public:
  explicit frame(Stack& owner) noexcept : owner_(owner), mark_(owner.mark()) {}
  frame(Stack& owner, stack_side side) noexcept : owner_(owner), mark_(owner.mark(side)) {}
  ~frame() noexcept {
    static_cast<void>(owner_.release_to(mark_));
  }
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

 private:
  Stack& owner_;
  typename Stack::mark_type mark_;
};

/// One side of a stack as an allocator of its own, for generic code. Holds a reference.
template <class Stack>
class stack_end {
 public:
  constexpr stack_end(Stack& owner, stack_side side) noexcept : owner_(&owner), side_(side) {}

  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return owner_->allocate(wanted, side_);
  }
  status deallocate(void* block, layout given) noexcept {
    return owner_->deallocate(block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return owner_->owns(p);
  }

 private:
  Stack* owner_;
  stack_side side_;
};

}  // namespace acre
