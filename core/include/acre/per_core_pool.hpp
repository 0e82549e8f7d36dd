// SPDX-License-Identifier: MIT
// per_core_pool: a lock-free pool with a few blocks in front of it for each core.
//
// Use it where several cores allocate at a high rate: most calls touch only what belongs to the core
// that calls, and the cores meet once in `Batch` calls, with one atomic operation for the whole batch.
#pragma once

#include <stddef.h>

#include <acre/detail/abi.hpp>
#include <acre/lockfree_pool.hpp>

namespace acre::inline ACRE_ABI {

/// What keeps the caller on its core, undisturbed, for as long as it exists; core() is which. On bare
/// metal: platform::core_pin, which masks interrupts for its life. Elsewhere: a slot that belongs to the
/// thread.
template <class P>
concept pin_policy = requires(const P& pin) {
  P{};
  { pin.core() }
  noexcept->detail::same_as<uint32_t>;
};

/// Blocks of `BlockSize` bytes for up to `Cores` cores, numbered from 0; each keeps up to 2 * `Batch`
/// free blocks for itself.
///
/// Structure: for each core two chains of at most Batch blocks (J. Bonwick and J. Adams, "Magazines and
/// Vmem", USENIX 2001): frees fill the one that is loaded, allocations empty it, and a full or an empty one
/// is exchanged for the spare, so that no sequence of calls goes to the shared pool more than once in Batch
/// calls.
///
/// Threads and interrupts: every member but init() from every context and core. A call holds the pin at
/// most twice, for O(1) instructions each; the shared pool is used outside of it, lock-free.
/// Cost: O(1); once in Batch calls O(Batch) outside the pin.
/// Misuse found at basic and above: as lockfree_pool; a block in a core's chain is not live.
template <size_t BlockSize, size_t Cores, pin_policy Pin, check_policy Checks = default_checks,
          size_t Batch = 8, size_t Align = detail::natural_alignment<BlockSize>>
class per_core_pool {
  static_assert(Cores > 0 && Batch > 0);
  using lockfree = lockfree_pool<BlockSize, Checks, Align>;
  using engine_type = typename lockfree::engine_type;
  using chain = typename engine_type::chain;
  using counter = typename detail::native_atomics<config::smp>::template cell<size_t>;
  using order = detail::order;

 public:
  using policies_type = typename lockfree::policies_type;
  static constexpr size_t block_bytes = lockfree::block_bytes;
  static constexpr size_t block_alignment = lockfree::block_alignment;

  /// Blocks that one core may not get although they are free, because others keep them.
  static constexpr size_t kept_by_others = (Cores - 1) * 2 * Batch;

  /// The size of a region in which any core can have `blocks` blocks, whatever the others keep, if the
  /// region's begin is aligned to `region_align` or better. SIZE_MAX if no region is large enough, or there
  /// can't be so many.
  static constexpr size_t required_bytes(size_t blocks,
                                         size_t region_align = default_alignment) noexcept {
    return blocks > SIZE_MAX - kept_by_others
               ? SIZE_MAX
               : lockfree::required_bytes(blocks + kept_by_others, region_align);
  }

  constexpr per_core_pool() noexcept = default;
  per_core_pool(const per_core_pool&) = delete;
  per_core_pool& operator=(const per_core_pool&) = delete;

  /// As lockfree_pool::init. Before any other core calls.
  [[nodiscard]] status init(region memory) noexcept {
    for (core_cache& cache : caches_) {
      cache.loaded = {};
      cache.spare = {};
      cache.kept.template store<order::relaxed>(0);
    }
    return shared_.init(memory);
  }

  /// A block. Null iff the shared pool is empty and this core keeps none, or init() has not succeeded.
  [[nodiscard]] void* allocate() noexcept {
    size_t number = take_kept();
    if (number == 0) [[unlikely]] {
      number = refill();
      if (number == 0) {
        return nullptr;
      }
    }
    return shared_.hand_out(number);
  }

  /// A block for `wanted`. Null also if no block is large enough or aligned well enough.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return engine_type::fits(wanted) ? allocate() : nullptr;
  }

  /// Gives `block` back, on whatever core it was allocated; null does nothing. Returns ok, or the misuse
  /// that was found; then nothing has changed.
  status deallocate(void* block) noexcept {
    return shared_.retire(block, [this](auto&, size_t number) { keep(number); });
  }

  /// The same for the layout of the request; wrong_size if the block is smaller, and the level checks.
  status deallocate(void* block, layout given) noexcept {
    if (Checks::level != check_level::none && block != nullptr && !engine_type::fits(given))
        [[unlikely]] {
      return detail::raise_misuse(status::wrong_size, block, this, __builtin_return_address(0));
    }
    return deallocate(block);
  }

  /// Gives what this core keeps back to the pool that all share: before it sleeps for long. O(1).
  void flush() noexcept {
    chain loaded;
    chain spare;
    {
      const Pin pin;
      core_cache& mine = caches_[pin.core()];
      loaded = mine.loaded;
      spare = mine.spare;
      mine.loaded = {};
      mine.spare = {};
      mine.count();
    }
    shared_.attach(loaded);
    shared_.attach(spare);
  }

  /// True iff `p` points into a block, live or not. O(1).
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return shared_.owns(p);
  }

  /// True iff deallocate(p, given) would succeed now and `p` is not null. O(1). Not at level none.
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept
      requires(Checks::level != check_level::none) {
    return shared_.is_live(p, given);
  }

  /// What is in use, and what is free, on all cores. Exact when nobody else calls, and a reading of no
  /// moment in particular when somebody does. O(blocks).
  [[nodiscard]] acre::usage usage() const noexcept {
    return shared_.usage(kept());
  }

  /// How many free blocks the cores keep, together.
  [[nodiscard]] size_t kept() const noexcept {
    size_t sum = 0;
    for (const core_cache& cache : caches_) {
      sum += cache.kept.template load<order::relaxed>();
    }
    return sum;
  }

  /// block_bytes if a block is free anywhere, else 0. O(cores).
  [[nodiscard]] size_t largest_free() const noexcept {
    return shared_.largest_free() != 0 || kept() != 0 ? block_bytes : 0;
  }

  /// Checks every invariant. Returns ok, not_initialised or corrupted. Only when nobody else calls.
  /// O(blocks); at full O(region).
  [[nodiscard]] status validate() const noexcept {
    return shared_.validate(kept());
  }

 private:
  // Cores write to their own cache all the time: each has its own line.
  struct alignas(Cores > 1 ? 64 : alignof(void*)) core_cache {
    chain loaded;
    chain spare;
    counter kept;  // for other cores to read

    void count() noexcept {
      kept.template store<order::relaxed>(loaded.count + spare.count);
    }
    void exchange() noexcept {
      const chain was_loaded = loaded;
      loaded = spare;
      spare = was_loaded;
    }
  };

  /// A block that this core keeps; 0 if it keeps none.
  [[nodiscard]] size_t take_kept() noexcept {
    const Pin pin;
    core_cache& mine = caches_[pin.core()];
    if (mine.loaded.count == 0) {
      mine.exchange();
      if (mine.loaded.count == 0) {
        return 0;
      }
    }
    const size_t number = shared_.remove_first(mine.loaded);
    mine.count();
    return number;
  }

  /// A block from the shared pool; more of them for this core.
  [[nodiscard, gnu::noinline]] size_t refill() noexcept {
    chain fresh = shared_.detach(Batch);
    if (fresh.count == 0) {
      return 0;
    }
    const size_t number = shared_.remove_first(fresh);
    {
      const Pin pin;
      core_cache& mine = caches_[pin.core()];
      if (mine.loaded.count == 0) {
        mine.loaded = fresh;
        fresh = {};
        mine.count();
      }
    }
    shared_.attach(fresh);  // an interrupt came in between, and has loaded already
    return number;
  }

  void keep(size_t number) noexcept {
    chain full;
    {
      const Pin pin;
      core_cache& mine = caches_[pin.core()];
      if (mine.loaded.count == Batch) {
        full = mine.spare;
        mine.spare = mine.loaded;
        mine.loaded = {};
      }
      shared_.prepend(mine.loaded, number);
      mine.count();
    }
    shared_.attach(full);
  }

  engine_type shared_;
  core_cache caches_[Cores];
};

}  // namespace acre
