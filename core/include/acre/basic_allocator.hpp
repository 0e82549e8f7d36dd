// SPDX-License-Identifier: MIT
// basic_allocator: lock -> engine -> observer, in one place.
//
// Every allocator is an engine (an algorithm that knows no lock and no statistics) inside this
// shell. The shell is inlined; what a policy leaves out costs neither code nor RAM.
#pragma once

#include <stddef.h>

#include <acre/call_guard.hpp>
#include <acre/detail/abi.hpp>
#include <acre/layout.hpp>
#include <acre/policies.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI {

/// Not copyable: an allocator's address is part of what its users hold. A default-constructed one
/// is `constinit`, lies in .bss and answers null until init() succeeds.
///
/// Threads and interrupts: each member takes the lock of the policies once. With `no_lock` one
/// context at a time may call; with a lock, whatever contexts that lock excludes. Nothing here waits
/// for anything but that lock. The fault hook runs under it.
///
/// Sizes and alignments are in bytes. Costs that are not given here differ between allocators: see
/// each one's page, and docs/certificate.md for counted instructions.
template <class Engine, class Policies>
class basic_allocator {
 public:
  using engine_type = Engine;
  using policies_type = Policies;
  using lock_type = typename Policies::lock;
  using observer_type = typename Policies::observer;

  constexpr basic_allocator() noexcept = default;
  basic_allocator(const basic_allocator&) = delete;
  basic_allocator& operator=(const basic_allocator&) = delete;

  /// Takes over `memory`; all blocks that were handed out before are forgotten.
  /// Returns ok; or invalid_argument (null, empty, or wraps the address space), region_too_small (not
  /// one block fits) or region_too_large (buddy: 2^31 smallest blocks or half of the addresses, counted
  /// from its begin rounded down; heap: more than its MaxBytes), after which the allocator is as if never initialised.
  [[nodiscard]] status init(region memory) noexcept {
    const call_guard guard(lock_, this, begin_anew{});
    if (guard.refused()) {
      return status::wrong_context;
    }
    observer_ = observer_type{};
    return engine_.init(memory);
  }

  /// A block for `wanted`. Null iff no free block is large enough and aligned well enough (heap: that
  /// it would find in constant time; see there), or none ever could be, or the allocator is not
  /// initialised, or the layout is not valid(); then nothing has changed.
  [[nodiscard, gnu::always_inline]] inline void* allocate(layout wanted) noexcept {
    // As two numbers: compilers pass them in registers, and a struct through memory.
    return allocate(wanted.size, wanted.align);
  }

  /// The same for a size and an alignment.
  [[nodiscard]] void* allocate(size_t size, size_t align = default_alignment) noexcept {
    const layout wanted{size, align};
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return nullptr;
    }
    void* block = engine_.allocate(wanted);
    note_allocation(block, wanted);
    return block;
  }

  /// Gives `block` back. `given` is the layout of the request. Null is accepted and does nothing.
  /// Returns ok, or the misuse that was found (see the allocator's own page for which misuse is
  /// found at which check level); then nothing has changed.
  [[gnu::always_inline]] inline status deallocate(void* block, layout given) noexcept {
    return deallocate(block, given.size, given.align);
  }

  /// The same for a size and an alignment.
  status deallocate(void* block, size_t size, size_t align = default_alignment) noexcept {
    const layout given{size, align};
    const call_guard guard(lock_, this, block);
    if (guard.refused()) {
      return status::wrong_context;
    }
    const size_t bytes = bytes_of(block, given);
    const status result = engine_.deallocate(block, given);
    note_deallocation(result, block, bytes);
    return result;
  }

  /// True iff `p` points into memory that this allocator hands out, live or not. O(1); arena and heap:
  /// O(regions). Without the lock, and from any context even in the middle of another call; an arena,
  /// which acquires and releases regions, takes the lock.
  [[nodiscard]] bool owns(const void* p) const noexcept {
    if constexpr (!Engine::bounds_are_fixed) {
      const call_guard guard(lock_, this, p);
      return !guard.refused() && engine_.owns(p);
    } else {
      return engine_.owns(p);
    }
  }

  /// True iff deallocate(p, given) would succeed now and `p` is not null. O(1). Not at level none,
  /// which keeps no record of what is live, and not on an arena.
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept
      requires(Policies::level != check_level::none) &&
      requires(const Engine& e) {
    e.is_live(p, given);
  }
  {
    const call_guard guard(lock_, this, p);
    if (guard.refused()) {
      return false;
    }
    return engine_.is_live(p, given);
  }

  /// What is in use, free and overhead now. O(blocks) for a pool, O(bitmap) for buddy and slab,
  /// O(regions) for an arena, O(1) for a stack.
  [[nodiscard]] acre::usage usage() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return {};
    }
    return engine_.usage();
  }

  /// The size of the largest request with the engine's natural alignment that would succeed now; 0
  /// iff none would. O(1); slab: O(classes).
  [[nodiscard]] size_t largest_free() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return 0;
    }
    return engine_.largest_free();
  }

  /// Checks every invariant, reading only; at full also that free memory still holds its fill.
  /// Returns ok, not_initialised or corrupted; raises no fault. O(blocks) or O(bitmap), at full
  /// O(region): not for an interrupt, and the lock is held throughout.
  [[nodiscard]] status validate() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return engine_.validate();
  }

  /// validate() in parts, each with the lock held for a bounded time: goes on from `cursor` by at most
  /// `steps` steps (a pool's block, a slab, a leaf of a buddy, a block of a heap or 32 granules without
  /// one, a stack's block, an arena's owed destructor). Call it with the same cursor until
  /// cursor.finished(), and with a new one to begin again; the allocator may be used between the calls.
  /// What lies still while the cursor passes is checked, each link of a list by itself; the page of each
  /// allocator says what only validate() sees. One context at a time uses a cursor.
  /// Returns ok, also when it has finished; or not_initialised, or corrupted, and then the cursor stays
  /// where it is. Raises no fault. O(steps). Not on a pool or a heap at level none, which do not know
  /// where their live blocks are.
  template <class E = Engine>
  [[nodiscard]] status validate_step(typename E::cursor_type& cursor, size_t steps) const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return engine_.validate_step(cursor, steps);
  }

  /// usage() in parts, as validate_step(): adds what it finds to `sum`, which is usage() once the cursor
  /// has finished, if nothing was allocated or given back meanwhile. A block that is live all the time
  /// counts once in any case. Not on arena and stack, where usage() does not depend on the blocks.
  template <class E = Engine>
  [[nodiscard]] status usage_step(typename E::cursor_type& cursor, size_t steps,
                                  acre::usage& sum) const noexcept requires requires(const E& e) {
    e.usage_step(cursor, steps, sum);
  }
  {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return engine_.usage_step(cursor, steps, sum);
  }

  /// Read without the lock: take it only where nothing else runs, or accept a torn snapshot.
  [[nodiscard]] const observer_type& observer() const noexcept {
    return observer_;
  }

 protected:
  // Engines that keep both figures anyway report them; the others report what one call changed.
  static constexpr bool reports_usage = requires(const Engine& e) {
    e.blocks_in_use();
  };

  // A block's size stands in the block itself, and need not follow from the layout.
  static constexpr bool measures_blocks = requires(const Engine& e, const void* p) {
    e.block_size(p);
  };

  // An engine's figures may be a call away: not even asked for where nobody watches.
  static constexpr bool observed = !detail::is_same_v<observer_type, no_observer>;

  void note_usage() noexcept {
    if constexpr (observed) {
      observer_.on_usage(engine_.bytes_in_use(), engine_.blocks_in_use());
    }
  }

  /// What an observer is told of `block`; asked before it is given back. 0 where nobody watches.
  [[nodiscard]] size_t bytes_of([[maybe_unused]] const void* block,
                                [[maybe_unused]] layout given) const noexcept {
    if constexpr (!observed || reports_usage) {
      return 0;
    } else if constexpr (measures_blocks) {
      return block == nullptr ? 0 : engine_.block_size(block);
    } else {
      return Engine::block_bytes(given);
    }
  }

  void note_allocation(const void* block, layout wanted) noexcept {
    if (block == nullptr) {
      observer_.on_exhausted(wanted.size);
    } else if constexpr (reports_usage) {
      note_usage();
    } else {
      observer_.on_allocate(bytes_of(block, wanted));
    }
  }

  void note_deallocation(status result, const void* block, size_t bytes) noexcept {
    if (is_misuse(result)) {
      observer_.on_refused();
    } else if constexpr (reports_usage) {
      note_usage();
    } else if (result == status::ok && block != nullptr) {
      observer_.on_deallocate(bytes);
    }
  }

  [[no_unique_address]] mutable checked_lock<lock_type, Policies::level> lock_;
  [[no_unique_address]] observer_type observer_;
  Engine engine_;
};

}  // namespace acre
