// SPDX-License-Identifier: MIT
// cache_store: what thread_cache keeps of blocks between threads and an allocator, and all that it does
// seldom, compiled once for all allocators: with checks (words outside the blocks) and without.
//
//   thread     loaded, spare     two magazines for each size class, touched by nobody else
//   depot      full, empty       magazines for all threads, under the lock; `inbox`: blocks of threads that
//                                found the lock taken
//   allocator                    under the same lock, a magazine's worth at a time
//
// Frees fill the loaded magazine, allocations empty it. Full or empty, it changes places with the spare, and
// when that is no better, with one of the depot. So between two visits of the lock lie at least a magazine's
// worth of calls of one kind (J. Bonwick and J. Adams, "Magazines and Vmem", USENIX 2001).
//
// I1  A block in a magazine has the word `cached` of that magazine, one in an inbox that of the inbox. Where
//     the holder and another thread freed it at the same time it may be in two places; one of them has its
//     word, and what has not is found when it leaves, and dropped.
// I2  Every block with a word is live in the allocator.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

#include <acre/detail/api.h>
#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/atomic.hpp>
#include <acre/engine/remote_inbox.hpp>
#include <acre/layout.hpp>
#include <acre/policies.hpp>
#include <acre/port/detail/block_states.hpp>
#include <acre/port/detail/store_memory.hpp>
#include <acre/port/detail/thread_heaps.hpp>
#include <acre/port/os_mutex.hpp>
#include <acre/status.hpp>

namespace acre::inline ACRE_ABI::detail {

/// With its head, a magazine of so many checked blocks is 1 KiB on 64-bit.
inline constexpr size_t magazine_blocks_max = 62;

/// For what others may read, or what their words order.
template <class Cell>
[[gnu::always_inline]] [[nodiscard]] inline auto get(const Cell& cell) noexcept {
  return cell.load(std::memory_order_relaxed);
}
template <class Cell, class Value>
[[gnu::always_inline]] inline void set(Cell& cell, Value value) noexcept {
  cell.store(value, std::memory_order_relaxed);
}

/// A block in a magazine: a pointer, and where checks are, its word.
template <bool Checked>
struct cached_block {
  void* address;
};
template <>
struct cached_block<true> {
  void* address;
  state_cell* state;
};

/// Its blocks lie behind it. Only its thread, or who has the lock, changes it; usage() reads the count.
template <bool Checked>
struct magazine {
  std::atomic<uint32_t> count{0};
  uint32_t capacity = 0;
  // What the words of its blocks are in it, and when they leave it for its thread. Its own for ever, and its thread's.
  state_word cached = cached_bit;
  state_word live = no_live_state;
  magazine* next = nullptr;  // in the depot

  [[nodiscard]] cached_block<Checked>* blocks() noexcept {
    return reinterpret_cast<cached_block<Checked>*>(this + 1);
  }
};

/// A thread's magazines, one pair for each class, behind it; a new thread takes over what its thread has left.
template <bool Checked>
struct alignas(cache_line) thread_magazines {
  struct pair {
    std::atomic<magazine<Checked>*> loaded;
    std::atomic<magazine<Checked>*> spare;
  };

  thread_magazines* next = nullptr;
  thread_magazines* next_orphan = nullptr;
  state_word number = 0;
  // Written by its thread; others may read.
  std::atomic<uint64_t> allocations{0};
  std::atomic<uint64_t> misses{0};
  std::atomic<uint64_t> remote_frees{0};

  [[nodiscard]] pair* pairs() noexcept {
    return reinterpret_cast<pair*>(this + 1);
  }
};

/// What all threads share of one class, under the lock; anyone pushes to the inbox.
template <bool Checked>
struct cache_depot {
  using inbox_type = engine::remote_inbox<native_atomics<true>>;

  magazine<Checked>* full = nullptr;  // or partly
  magazine<Checked>* empty = nullptr;
  size_t full_count = 0;
  inbox_type inbox;
};

/// The numbers that follow from a class's size.
struct cached_class {
  size_t size;
  uint32_t capacity;   // of a magazine, in blocks
  uint32_t depot_max;  // magazines
};

/// What follows from an allocator and the classes.
struct cache_shape {
  const cached_class* classes;
  unsigned count;
  unsigned granule_shift;  // all blocks are aligned to a granule
  bool queues;             // a block has room for a link
  bool fill;               // cached blocks hold the pattern of check level full

  [[nodiscard]] constexpr layout each(unsigned size_class) const noexcept {
    return {classes[size_class].size, size_t{1} << granule_shift};
  }
};

/// An allocator, as calls for several blocks.
class cached_allocator {
 public:
  template <sized_allocator A>
  requires(!same_as<A, cached_allocator>) explicit constexpr cached_allocator(A& allocator) noexcept
      : operations_(&operations_for<A>), allocator_(&allocator) {}

  /// Up to `count` blocks; how many there were.
  [[nodiscard]] size_t take(layout each, void** blocks, size_t count) const noexcept {
    return operations_->take(allocator_, each, blocks, count);
  }
  void give(layout each, void* const* blocks, size_t count) const noexcept {
    operations_->give(allocator_, each, blocks, count);
  }

 private:
  struct operations {
    size_t (*take)(void* allocator, layout each, void** blocks, size_t count) noexcept;
    void (*give)(void* allocator, layout each, void* const* blocks, size_t count) noexcept;
  };
  template <class A>
  static constexpr operations operations_for{
      [](void* allocator, layout each, void** blocks, size_t count) noexcept -> size_t {
        size_t taken = 0;
        while (taken < count &&
               (blocks[taken] = static_cast<A*>(allocator)->allocate(each)) != nullptr) {
          ++taken;
        }
        return taken;
      },
      [](void* allocator, layout each, void* const* blocks, size_t count) noexcept {
        for (size_t i = 0; i < count; ++i) {
          // What the allocator finds wrong here it has told the hook.
          static_cast<void>(static_cast<A*>(allocator)->deallocate(blocks[i], each));
        }
      }};

  const operations* operations_;
  void* allocator_;
};

/// What has happened so far, in all threads; exact when nobody calls.
struct cache_counts {
  uint64_t allocations = 0;    ///< of sizes in the classes
  uint64_t misses = 0;         ///< of these, those that found nothing in their thread's magazines
  uint64_t remote_frees = 0;   ///< of blocks that another thread had allocated; 0 without checks
  uint64_t queued_frees = 0;   ///< those that found the lock taken, and did not wait for it
  uint64_t depot_full = 0;     ///< magazines that went to the depot
  uint64_t depot_taken = 0;    ///< magazines that came from it
  uint64_t late_refusals = 0;  ///< double frees that were found when the block left a magazine
  size_t threads = 0;          ///< at once, at most
  size_t cached_blocks = 0;    ///< now, in magazines
  size_t cached_bytes = 0;     ///< of their classes' sizes
  size_t metadata_bytes = 0;   ///< from the source

  /// Allocations that needed neither the lock nor the allocator, of 1; 0 if there were none.
  [[nodiscard]] constexpr double hit_rate() const noexcept {
    return allocations == 0 ? 0
                            : 1 - static_cast<double>(misses) / static_cast<double>(allocations);
  }
};

template <bool Checked>
class cache_store {
 public:
  using part = thread_magazines<Checked>;
  using depot = cache_depot<Checked>;

  /// `depots`: one for each class.
  constexpr cache_store(const cache_shape& shape, depot* depots, cached_allocator calls,
                        source_calls source) noexcept
      : shape_(&shape),
        depots_(depots),
        calls_(calls),
        states_(shape.granule_shift),
        memory_(source) {}
  cache_store(const cache_store&) = delete;
  cache_store& operator=(const cache_store&) = delete;

  // --- for the hot paths

  [[gnu::always_inline]] [[nodiscard]] inline part* mine() const noexcept {
    return parts_.mine();
  }
  [[nodiscard]] const block_states& states() const noexcept {
    return states_;
  }

  // --- what they call seldom

  /// A block, when nothing is in the loaded magazine; null iff the allocator has none, after what the calling
  /// thread and the depot keep went back to it. Or no metadata was to be had.
  [[nodiscard]] ACRE_API void* allocate_slow(part* mine, unsigned size_class) noexcept;
  /// A free that is none of the simple ones: ok, or double_free, wrong_size (it is live in another class) or
  /// foreign_pointer (it has no word). Wait-free, but for a thread's first call.
  [[nodiscard]] ACRE_API status free_slow(part* mine, unsigned size_class, void* block) noexcept;

  // --- the rest

  /// Around calls of the allocator.
  [[nodiscard]] port::os_mutex& lock() const noexcept {
    return lock_;
  }
  /// What this thread keeps goes to the depot, and what has no room there to the allocator.
  ACRE_API void flush() noexcept;
  /// What all threads keep goes to the allocator. Nobody else calls.
  ACRE_API void give_back_of_all() noexcept;
  /// All memory goes to the source, whatever is kept. Nobody else calls.
  ACRE_API void forget_all() noexcept;
  // Under the lock.

  /// What this thread and the depot keep goes to the allocator.
  ACRE_API void give_all_back(part* mine) noexcept;
  /// Some magazine that this thread may use has a block of the class.
  [[nodiscard]] ACRE_API bool has(part* mine, unsigned size_class) const noexcept;
  [[nodiscard]] ACRE_API cache_counts counts() const noexcept;
  /// I1. Nobody else calls.
  [[nodiscard]] ACRE_API status validate() const noexcept;

 private:
  using magazine_type = magazine<Checked>;
  using block = cached_block<Checked>;
  using guard = lock_guard<port::os_mutex>;

  static void at_exit(void* store, void* part_of_thread) noexcept;
  static void before_fork(void* store) noexcept;
  static void after_fork(void* store, void* part_of_thread, bool in_child) noexcept;
  static constexpr port::thread_hooks hooks{&at_exit, &before_fork, &after_fork};

  [[nodiscard]] part* attach() noexcept;
  [[nodiscard]] void* take(part& mine, unsigned size_class) noexcept;
  [[nodiscard]] bool refill(part& mine, unsigned size_class) noexcept;
  [[nodiscard]] status claim(part* mine, unsigned size_class, state_cell& state,
                             state_word wanted) noexcept;
  void give_back_or_queue(unsigned size_class, const block& freed) noexcept;
  [[nodiscard]] bool make_room(part& mine, unsigned size_class) noexcept;
  void refuse_late(const void* block) noexcept;

  // Under the lock.
  [[nodiscard]] part* new_part() noexcept;
  [[nodiscard]] magazine_type* empty_magazine(unsigned size_class) noexcept;
  [[nodiscard]] void* allocate_one(part* mine, unsigned size_class) noexcept;
  void fill(unsigned size_class, magazine_type& into) noexcept;
  void collect(unsigned size_class, magazine_type& into) noexcept;
  void store_away(unsigned size_class, magazine_type& kept) noexcept;
  void give_back(unsigned size_class, magazine_type& from) noexcept;
  void give_back_inbox(unsigned size_class, size_t at_most) noexcept;
  void give_back_one(unsigned size_class, const block& freed) noexcept;
  [[nodiscard]] bool pop_inbox(unsigned size_class, block& popped) noexcept;
  [[nodiscard]] bool make_room_locked(part& mine, unsigned size_class) noexcept;
  void hand_over(part& mine) noexcept;
  void salvage(part& gone) noexcept;
  template <class Each>
  void for_each_magazine(Each each) const noexcept;

  /// In the place of a magazine that a thread has not: empty and full, so that nobody writes to it.
  static magazine_type none_;

  const cache_shape* shape_;
  depot* depots_;
  cached_allocator calls_;
  thread_heaps<part> parts_;
  block_states states_;

  mutable port::os_mutex lock_;
  store_memory memory_;
  state_word parts_made_ = 0;
  state_word next_magazine_ = first_magazine;
  uint64_t depot_full_ = 0;
  uint64_t depot_taken_ = 0;
  uint64_t single_allocations_ = 0;  // of threads without a part of their own
  // Not under the lock.
  std::atomic<uint64_t> single_remote_frees_{0};
  std::atomic<uint64_t> queued_frees_{0};
  std::atomic<uint64_t> late_refusals_{0};
};

extern template magazine<true> cache_store<true>::none_;
extern template magazine<false> cache_store<false>::none_;

}  // namespace acre::detail
