// SPDX-License-Identifier: MIT
// thread_cache: magazines for each thread in front of an allocator that all threads share.
//
// Each thread keeps free blocks of a few sizes and hands them out again, without a lock or an atomic operation,
// whichever thread they came from; the allocator is asked for a magazine's worth at a time, under a lock.
// (detail/cache_store.hpp has the structure.) It makes any allocator of the project fit for threads: heap,
// slab, pool, buddy, growing.
//
// One type at a high rate: thread_slabs, which grows by itself. One thread: the allocator alone.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/poison.hpp>
#include <acre/fault.hpp>
#include <acre/policies.hpp>
#include <acre/port/detail/cache_store.hpp>
#include <acre/port/detail/cached_sizes.hpp>
#include <acre/port/os_source.hpp>

namespace acre::inline ACRE_ABI::hosted {

/// What a cache may keep, for each class.
struct cache_limits {
  /// A magazine has room for so many bytes, a block at least, and 62 blocks at most.
  size_t magazine_bytes = size_t{16} << 10;
  /// The depot keeps so many magazines.
  size_t depot_magazines = 64;
};

/// Magazines in front of `A`, which must outlive it, and takes blocks back in any order. Constinit; no
/// destructor runs: release_all() gives everything back.
///
/// A request of a size in `Classes`, and aligned to `granule` at most, is served from its class: A is asked for
/// the class's size. All others go to A, under the lock. Deallocate with the layout of the request, or any other
/// of its class.
///
/// What is kept: each thread two magazines for each class that it uses, kept_bytes_max(wanted), and the depot
/// depot_bytes_max(wanted). Before null is answered, what the calling thread and the depot keep goes back
/// to A, and A is asked again; what other threads keep stays with them. So where A has a fixed region, it needs
/// room for kept_bytes_max of each other thread and class beside what is in use; or these threads flush().
///
/// Metadata come from `Source`, not from A: about 1 KiB a magazine, and, where the level checks, 2 bytes for each
/// granule of the 256 KiB stretches of addresses in which blocks lie: 1/8 at a granule of 16. Without metadata
/// to be had it works on under the lock, or answers null. So it does for threads after the 1023rd at once, and magazines
/// after the 32,736th.
///
/// Threads: all members from any thread, at any time, but for release_all(), forget_all() and validate(). A needs no lock of its own; if
/// it has one, it may be used beside the cache. Also from destructors that run when a thread ends: then under
/// the lock. A free never waits for the lock, but a thread's first and those of other sizes than the classes': where the
/// lock is taken, the block waits in an inbox for who holds it. (Not where blocks have no room for a pointer.)
/// Signal handlers: none. fork(): the child may use everything; what other threads had allocated stays allocated, and
/// what each of them had in its hands at the moment. No call to malloc.
/// Cost: O(1), expected. At basic a free finds the block's word by its address, about ten instructions, and both
/// calls compare and write it; a block of another thread is freed by a compare-and-exchange. At none nothing of
/// this is there, and no word.
/// Misuse found at basic and above, before anything changes: every double, foreign, interior and misaligned
/// free, and wrong_size for a layout of another class. One exception at basic: where the thread that allocated a block
/// frees it in the same few instructions as another one, both may be told ok. The second is found when the block leaves a
/// magazine, and dropped; then the fault hook is told, without a call site: the block is handed out once. (Unless the
/// other thread frees it and allocates it again between two instructions of the first one: then both have it.) At full
/// exactly one of several frees is told ok, for a compare-and-exchange in each; also writes to free blocks are found,
/// when they leave.
template <sized_allocator A, class Classes = acre::detail::cached_sizes_of<A>,
          check_policy Checks = acre::detail::checks_of<A>, region_source Source = os_source,
          cache_limits Limits = cache_limits{}>
class thread_cache {
  using classes = acre::detail::cached_classes<Classes, acre::detail::granule_of<A>>;
  static constexpr bool checked = Checks::level != check_level::none;
  static constexpr bool poisons = Checks::level == check_level::full;
  static constexpr unsigned no_class = classes::count;
  static constexpr bool single_size = acre::detail::fixed_size_allocator<A>;
  static constexpr unsigned granule_shift = acre::detail::floor_log2(classes::granule);

  using store = acre::detail::cache_store<checked>;
  using part = typename store::part;
  using magazine = acre::detail::magazine<checked>;

  static constexpr auto class_table = classes::table(Limits.magazine_bytes, Limits.depot_magazines);
  static constexpr acre::detail::cache_shape shape{
      .classes = class_table.of,
      .count = classes::count,
      .granule_shift = granule_shift,
      .queues = classes::granule >= store::depot::inbox_type::block_alignment &&
                classes::sizes[0] >= store::depot::inbox_type::block_bytes,
      .fill = poisons};

 public:
  using policies_type = policies<lock_free, Checks, no_observer>;
  using counts_type = acre::detail::cache_counts;
  /// What blocks of a class are aligned to.
  static constexpr size_t granule = classes::granule;

  /// Bytes that a thread keeps of the class that serves `wanted`, at most; 0 if none does.
  static constexpr size_t kept_bytes_max(layout wanted) noexcept {
    const unsigned c = classes::of(wanted);
    return c == no_class ? 0 : 2 * class_table.of[c].capacity * class_table.of[c].size;
  }
  /// The same of the depot.
  static constexpr size_t depot_bytes_max(layout wanted) noexcept {
    return kept_bytes_max(wanted) / 2 * Limits.depot_magazines;
  }

  explicit constexpr thread_cache(A& allocator) noexcept
      : allocator_(&allocator),
        store_(shape, depots_, acre::detail::cached_allocator(allocator),
               acre::detail::source_calls(source_)) {}
  thread_cache(const thread_cache&) = delete;
  thread_cache& operator=(const thread_cache&) = delete;

  /// A block for `wanted`. Null iff the allocator has none, after what the calling thread and the depot keep went back to
  /// it; or the source has no room for metadata that is needed.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    const unsigned c = classes::of(wanted);
    if (c == no_class) {
      // As two numbers: what is passed as a whole is kept in memory, for the fast path, too.
      return allocate_other(wanted.size, wanted.align);
    }
    part* const mine = store_.mine();
    if (mine != nullptr) [[likely]] {
      magazine& loaded = *get(mine->pairs()[c].loaded);
      if (const uint32_t count = get(loaded.count); count != 0) [[likely]] {
        const acre::detail::cached_block<checked> top = loaded.blocks()[count - 1];
        if (take_word(top, loaded)) [[likely]] {
          acre::detail::count(mine->allocations);
          loaded.count.store(count - 1, std::memory_order_release);
          return handed_out(top.address, c);
        }
      }
    }
    return handed_out(store_.allocate_slow(mine, c), c);
  }

  /// Gives `block` back, in whatever thread; null does nothing. Returns ok, or the misuse that was found; then
  /// nothing has changed.
  status deallocate(void* block, layout given) noexcept {
    const unsigned c = classes::of(given);
    if (c == no_class) {
      return deallocate_other(block, given.size, given.align);
    }
    part* const mine = store_.mine();
    if (mine == nullptr || block == nullptr) [[unlikely]] {
      return deallocate_slow(mine, c, block);
    }
    magazine& loaded = *get(mine->pairs()[c].loaded);
    const uint32_t count = get(loaded.count);
    acre::detail::cached_block<checked>& place = loaded.blocks()[count];
    if constexpr (checked) {
      auto* const state = store_.states().find(block, granule_shift);
      if (state == nullptr || count == loaded.capacity || !give_word(*state, loaded)) [[unlikely]] {
        return deallocate_slow(mine, c, block);
      }
      if constexpr (poisons) {
        acre::detail::poison(block, 0, classes::sizes[c]);
      }
      place.state = state;
    } else if (count == loaded.capacity) [[unlikely]] {
      return deallocate_slow(mine, c, block);
    }
    place.address = block;
    loaded.count.store(count + 1, std::memory_order_release);
    return status::ok;
  }

  /// As A's, for any address. Takes the lock.
  [[nodiscard]] bool owns(const void* p) const noexcept requires owning_allocator<A> {
    const guard held(store_.lock());
    return allocator_->owns(p);
  }

  /// True iff deallocate(p, given) would succeed now and `p` is not null. Takes the lock for what is in no class.
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept
      requires(checked&& liveness_checking_allocator<A>) {
    const auto* const state = store_.states().find(p);
    const acre::detail::state_word now =
        state == nullptr ? acre::detail::state_word{0} : get(*state);
    if (const unsigned c = classes::of(given); c != no_class) {
      return acre::detail::unheld(now) == acre::detail::live_state(c, 0);
    }
    const guard held(store_.lock());
    return now == 0 && allocator_->is_live(p, given);
  }

  /// A's, where blocks in magazines count as free, by the sizes of their classes: what A adds to a block
  /// counts as in use until it goes back, and so does a block in an inbox. Metadata are not in it: counts(). Exact when
  /// nobody else calls.
  [[nodiscard]] acre::usage usage() const noexcept requires measurable_allocator<A> {
    const guard held(store_.lock());
    acre::usage sum = allocator_->usage();
    const counts_type kept = store_.counts();
    sum.blocks_in_use -= acre::detail::min_of(kept.cached_blocks, sum.blocks_in_use);
    const size_t bytes = acre::detail::min_of(kept.cached_bytes, sum.bytes_in_use);
    sum.bytes_in_use -= bytes;
    sum.bytes_free += bytes;
    return sum;
  }

  /// The largest request that this thread would be served before anything goes back to A; one above it may still
  /// succeed then. O(classes) beside A's.
  [[nodiscard]] size_t largest_free() const noexcept requires measurable_allocator<A> {
    part* const mine = store_.mine();
    const guard held(store_.lock());
    const size_t largest = allocator_->largest_free();
    if (largest > Classes::largest) {
      return largest;
    }
    unsigned c = classes::count;
    while (c-- > 0) {
      if (classes::sizes[c] <= largest || store_.has(mine, c)) {
        return classes::sizes[c];
      }
    }
    return 0;
  }

  /// A's validate(), and of what is kept every invariant. Returns what A does, ok or corrupted. Only when
  /// nobody else calls. O(addresses that blocks were in).
  [[nodiscard]] status validate() const noexcept requires auditable_allocator<A> {
    const guard held(store_.lock());
    const status found = allocator_->validate();
    return found == status::ok ? store_.validate() : found;
  }

  /// Puts what this thread keeps into the depot, where all threads find it, and what has no room there back to A:
  /// before it sleeps for long.
  void flush() noexcept {
    store_.flush();
  }

  /// What this thread and the depot keep goes back to A, and then A is trimmed, if it can be. Returns the bytes
  /// that A gave back to its source.
  size_t trim() noexcept {
    part* const mine = store_.mine();
    const guard held(store_.lock());
    store_.give_all_back(mine);
    if constexpr (requires { static_cast<size_t>(allocator_->trim()); }) {
      return allocator_->trim();
    } else {
      return 0;
    }
  }

  /// What all threads keep goes back to A, and all metadata to the source. No other thread may be calling. Blocks
  /// that are in use are foreign from then on.
  void release_all() noexcept {
    store_.give_back_of_all();
    store_.forget_all();
  }

  /// The same, but nothing goes back to A, which is not touched: when it begins anew, or is gone. Before it hands out
  /// anything again.
  void forget_all() noexcept {
    store_.forget_all();
  }

  /// What has happened so far, in all threads, and what is kept; exact when nobody else calls. O(threads).
  [[nodiscard]] counts_type counts() const noexcept {
    const guard held(store_.lock());
    return store_.counts();
  }

  [[nodiscard]] A& allocator() const noexcept {
    return *allocator_;
  }
  /// The source, which is part of this object. It is called under the lock.
  [[nodiscard]] Source& source() noexcept {
    return source_;
  }

 private:
  using guard = lock_guard<port::os_mutex>;

  template <class Cell>
  [[gnu::always_inline]] static inline auto get(const Cell& cell) noexcept {
    return acre::detail::get(cell);
  }
  template <class Cell, class Value>
  [[gnu::always_inline]] static inline void set(Cell& cell, Value value) noexcept {
    acre::detail::set(cell, value);
  }

  /// False iff the block is no longer this magazine's.
  [[gnu::always_inline]] static inline bool take_word(
      [[maybe_unused]] const acre::detail::cached_block<checked>& top,
      [[maybe_unused]] const magazine& loaded) noexcept {
    if constexpr (checked) {
      if (get(*top.state) != loaded.cached) [[unlikely]] {
        return false;
      }
      set(*top.state, loaded.live);
    }
    return true;
  }

  /// False iff the block is not this thread's to free, by a store at basic.
  [[gnu::always_inline]] static inline bool give_word(acre::detail::state_cell& state,
                                                      const magazine& loaded) noexcept {
    acre::detail::state_word now = get(state);
    if (now != loaded.live) [[unlikely]] {
      return false;
    }
    if constexpr (poisons) {
      return state.compare_exchange_strong(now, loaded.cached, std::memory_order_relaxed);
    }
    set(state, loaded.cached);
    return true;
  }

  [[gnu::always_inline]] inline void* handed_out(void* block,
                                                 [[maybe_unused]] unsigned c) noexcept {
    if constexpr (poisons) {
      if (block != nullptr && !acre::detail::is_poisoned(block, 0, classes::sizes[c])) {
        acre::detail::raise_corruption(block, this);
      }
    }
    return block;
  }

  [[gnu::noinline]] status deallocate_slow(part* mine, unsigned c, void* block) noexcept {
    if (block == nullptr) {
      return status::ok;
    }
    const status found = store_.free_slow(mine, c, block);
    return found == status::ok ? found : refuse(block, found, c);
  }

  [[gnu::noinline]] void* allocate_other(size_t size, size_t align) noexcept {
    const layout wanted{size, align};
    if (single_size || !wanted.valid()) {
      return nullptr;
    }
    part* const mine = store_.mine();
    const guard held(store_.lock());
    void* const block = allocator_->allocate(wanted);
    if (block != nullptr) {
      return block;
    }
    store_.give_all_back(mine);
    return allocator_->allocate(wanted);
  }

  [[gnu::noinline]] status deallocate_other(void* block, size_t size, size_t align) noexcept {
    const layout given{size, align};
    if (block == nullptr) {
      return status::ok;
    }
    if constexpr (checked) {
      // A would take it, if it is as large: but it is, or was, a block of a class.
      if (const auto* const state = store_.states().find(block); state != nullptr) {
        if (const auto now = get(*state); now != 0) {
          return raise(
              (now & acre::detail::cached_bit) != 0 ? status::double_free : status::wrong_size,
              block);
        }
      }
    }
    const guard held(store_.lock());
    return allocator_->deallocate(block, given);
  }

  /// Finds out why, and tells the hook. What is none of the cache's blocks, the allocator knows.
  [[gnu::cold, gnu::noinline]] status refuse(void* block, status code,
                                             [[maybe_unused]] unsigned c) noexcept {
    if (code != status::foreign_pointer) {
      return raise(code, block);
    }
    if constexpr (liveness_checking_allocator<A>) {
      const guard held(store_.lock());
      const layout each = shape.each(c);
      return allocator_->is_live(block, each) ? raise(status::wrong_size, block)
                                              : allocator_->deallocate(block, each);
    } else if constexpr (owning_allocator<A>) {
      return raise(owns(block) ? status::interior_pointer : code, block);
    } else {
      return raise(code, block);
    }
  }
  [[gnu::cold]] status raise(status code, const void* block) noexcept {
    return acre::detail::raise_misuse(code, block, this, __builtin_return_address(0));
  }

  A* allocator_;
  [[no_unique_address]] Source source_;
  typename store::depot depots_[classes::count];
  mutable store store_;
};

}  // namespace acre::hosted
