// SPDX-License-Identifier: MIT
// arena: bump allocation, given back all at once or down to a mark.
//
// Use it for what lives and dies together: a frame, a request, a parse. No metadata a block, and
// nothing to give back one by one; but nothing is reused before reset() or release_to().
//
// Deallocating a single block does nothing. At basic and above deallocate refuses an address outside
// the used memory (foreign_pointer), one that its alignment contradicts (misaligned_pointer) and a
// block that reaches past the used memory (wrong_size); a double free is harmless and not found.
#pragma once

#include <acre/basic_allocator.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/placement.hpp>
#include <acre/engine/arena.hpp>
#include <acre/fault.hpp>
#include <acre/sources.hpp>

namespace acre {

/// A position in an arena, to return to with release_to() of the same arena.
using arena_mark = engine::arena_mark;

/// How far validate_step() of an arena has come.
using arena_cursor = engine::arena_cursor;

/// With a `Source`, an arena that runs out acquires a further region of at least the source's
/// granularity, and gives it back when it is reset or released below it.
///
/// Cost: allocate O(1), and a call of the source when it grows; deallocate O(regions) from basic on;
/// reset and release_to O(regions + destructors owed). The source and the destructors run under the
/// lock, so neither may use this arena.
///
/// validate_step() looks at the headers of all regions in each call, and at `steps` of the destructors
/// owed, O(regions) each; it sees all that validate() sees. A step that sees damage makes sure by a walk
/// from the newest, O(destructors owed): also if what is at the cursor was released and its memory
/// used again, and then the validation is over.
///
/// init() on an arena in use forgets what it had without looking at it, since that memory may be in
/// other use by then: reset() first if destructors are owed or regions were acquired.
template <class Policies = policies<>, region_source Source = no_source>
class arena : public basic_allocator<engine::arena<Policies::level>, Policies> {
  using shell = basic_allocator<engine::arena<Policies::level>, Policies>;
  using core = engine::arena_core;

 public:
  using mark_type = arena_mark;

  constexpr arena() noexcept = default;
  constexpr explicit arena(Source source) noexcept : source_(source) {}

  /// The size of a region from which blocks of `payload` bytes in sum, padding included, can be
  /// allocated. SIZE_MAX if no region is large enough.
  static constexpr size_t required_bytes(size_t payload,
                                         size_t region_align = default_alignment) noexcept {
    const size_t slack =
        alignof(core::chunk_header) > region_align ? alignof(core::chunk_header) - region_align : 0;
    const size_t fixed = core::header_bytes + slack;
    return payload > SIZE_MAX / 2 ? SIZE_MAX : payload + fixed;
  }

  /// The size of a region that serves one request for `wanted`, wherever it begins.
  static constexpr size_t required_bytes_for(layout wanted) noexcept {
    return wanted.align > SIZE_MAX / 4 ? SIZE_MAX : required_bytes(wanted.size, 1) + wanted.align;
  }

  /// As basic_allocator::allocate; null iff the newest region has no room and the source gives none.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return nullptr;
    }
    void* block = allocate_or_grow(wanted);
    this->note_allocation(block, wanted);
    return block;
  }
  [[nodiscard]] void* allocate(size_t size, size_t align = default_alignment) noexcept {
    return allocate(layout{size, align});
  }

  /// Constructs a T whose destructor is never run: for types that own nothing. Null iff exhausted.
  template <class T, class... Args>
  [[nodiscard]] T* construct(Args&&... args) noexcept {
    void* where = allocate(layout::of<T>());
    return where == nullptr ? nullptr
                            : new (detail::placement{where}) T(static_cast<Args&&>(args)...);
  }

  /// Constructs a T whose destructor is run by reset() or by the release_to() that gives it back,
  /// newest first. Costs three words more than construct(). Null iff exhausted.
  template <class T, class... Args>
  [[nodiscard]] T* construct_finalized(Args&&... args) noexcept {
    struct node {
      core::finalizer owed;
      alignas(T) unsigned char object[sizeof(T)];
    };
    node* owner = nullptr;
    {
      const call_guard guard(this->lock_, this);
      if (guard.refused()) {
        return nullptr;
      }
      owner = static_cast<node*>(allocate_or_grow(layout::of<node>()));
      this->note_allocation(owner, layout::of<node>());
      if (owner == nullptr) {
        return nullptr;
      }
      owner->owed.object = owner->object;
      owner->owed.destroy = [](void* p) noexcept { static_cast<T*>(p)->~T(); };
      // Before the constructor, which may itself owe destructors: the list is in order of age.
      this->engine_.add_finalizer(&owner->owed);
    }
    return new (detail::placement{owner->object}) T(static_cast<Args&&>(args)...);
  }

  /// The present position. O(1). Valid until the arena is released below it.
  [[nodiscard]] arena_mark mark() const noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return {};
    }
    return this->engine_.mark();
  }

  /// Gives back all that was allocated since `position`, and runs the destructors that are owed.
  /// Returns ok or out_of_order (a fault at basic and above): the position lies above the present
  /// one or in a region that was given back; then nothing has changed.
  status release_to(const arena_mark& position) noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    if constexpr (Policies::level != check_level::none) {
      if (!this->engine_.reachable(position)) {
        return detail::raise_misuse(status::out_of_order, reinterpret_cast<void*>(position.cursor),
                                    &this->engine_, __builtin_return_address(0));
      }
    }
    rewind(position);
    return status::ok;
  }

  /// Gives everything back, and runs the destructors that are owed.
  void reset() noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return;
    }
    if (const arena_mark start = this->engine_.origin(); start.chunk != nullptr) {
      rewind(start);
    }
  }

  /// The source that this arena grows from, which is part of the arena.
  [[nodiscard]] Source& source() noexcept {
    return source_;
  }

 private:
  [[nodiscard]] void* allocate_or_grow(layout wanted) noexcept {
    void* block = this->engine_.allocate(wanted);
    if constexpr (!detail::is_same_v<Source, no_source>) {
      if (block == nullptr && wanted.valid() && wanted.size < SIZE_MAX / 4 &&
          wanted.align < SIZE_MAX / 4 && this->engine_.mark().chunk != nullptr) {
        const region more =
            source_.acquire(detail::max_of(required_bytes_for(wanted), source_.granularity()));
        if (this->engine_.add_region(more) == status::ok) {
          block = this->engine_.allocate(wanted);
        } else if (!more.empty()) {
          source_.release(more);
        }
      }
    }
    return block;
  }

  void rewind(const arena_mark& position) noexcept {
    this->engine_.finalize(position);
    while (this->engine_.newer_chunk_than(position)) {
      source_.release(this->engine_.pop_region());
    }
    this->engine_.rewind(position, Policies::level);
    this->note_usage();
  }

  [[no_unique_address]] Source source_;
};

}  // namespace acre
