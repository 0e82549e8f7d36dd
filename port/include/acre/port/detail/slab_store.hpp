// SPDX-License-Identifier: MIT
// slab_store: blocks of one size for all threads of a process, from regions that a source gives: what
// thread_slabs keeps, and all that it does seldom, compiled once for all block sizes.
//
//   chunk, aligned to its size:   0 1 2 ... 63 | 64 ... 127 | ...    blocks and nothing else
//   elsewhere:                    record 0     | record 1   | ...    a slab each, with words of a bit a block
//
// A slab has an owner: a thread's heap, or the shared one, which the lock guards. Who has each of its blocks stands in
// the words of the record (slab_words.hpp); what of the owner's is in the slab, and not in its hands, in `free`. So
// nothing of the allocator lies in user memory, and nobody but its user touches a block.
//
// What a thread frees stays in its hands, up to a bound, and is what it hands out next, whoever owns the
// slab. Beyond the bound its own blocks go to their slabs, and those of others go home, in batches: one
// atomic OR for all of a slab, and the first drops the slab into its owner's inbox.
//
// Records and heaps are never given back before the store is closed: who frees may still look at a record
// when its slab is used up, empty, somebody else's, or gone.
//
// I1  `free` has no bit in common with what is in use, or on its way home.
// I2  `available` of a heap holds exactly its slabs with a bit in `free`, but for the current one.
// I3  A slab with all bits in `free` is in `empty_`, or one of `spare_max` in a heap, or a heap's current one.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>
#include <acre/detail/atomic.hpp>
#include <acre/detail/bits.hpp>
#include <acre/engine/remote_inbox.hpp>
#include <acre/policies.hpp>
#include <acre/port/detail/chunk_table.hpp>
#include <acre/port/detail/slab_words.hpp>
#include <acre/port/detail/store_memory.hpp>
#include <acre/port/detail/thread_heaps.hpp>
#include <acre/port/os_mutex.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI::detail {

struct slab_heap;
struct slab_record;

/// A slab's place in lists; apart, so that a record is one cache line.
struct slab_node {
  void* inbox_link = nullptr;  // first: the inbox's while the slab is queued
  slab_node* next = nullptr;
  slab_node* previous = nullptr;
  slab_record* slab = nullptr;
};

struct alignas(cache_line) slab_record : slab_words<native_atomics<true>> {
  uint16_t number = 0;  // in its chunk
  bool listed = false;
  std::atomic<slab_word> free{0};
  std::atomic<slab_heap*> owner{nullptr};
  slab_node* node = nullptr;
};
static_assert(sizeof(slab_record) == cache_line);

/// The current slab of a heap that has none: nothing is free in it, so that nobody writes to it.
extern ACRE_API constinit slab_record no_slab;

/// A list through slabs, newest first.
struct slab_list {
  slab_node* first = nullptr;

  void push(slab_record& slab) noexcept;
  void remove(slab_record& slab) noexcept;
  /// Null iff it is empty.
  slab_record* pop() noexcept;
};

/// A block in a thread's hands. The record's address has room for the block's number in the slab.
struct kept_block {
  void* block;
  uintptr_t slab_and_number;

  [[nodiscard]] slab_record& slab() const noexcept {
    return *reinterpret_cast<slab_record*>(slab_and_number & ~uintptr_t{cache_line - 1});
  }
  [[nodiscard]] slab_word bit() const noexcept {
    return slab_word{1} << (slab_and_number & (size_bits - 1));
  }
};

inline constexpr size_t kept_most = 64;

/// A thread's blocks: last in, first out.
struct slab_magazine {
  size_t count = 0;
  kept_block blocks[kept_most] = {};
};

/// What one thread allocates from; a new thread takes one that its thread has left.
struct alignas(cache_line) slab_heap {
  using inbox_type = engine::remote_inbox<native_atomics<true>>;

  slab_magazine own;      // of its slabs
  slab_magazine foreign;  // of others' slabs, and of its own what others have handed out
  slab_record* current = &no_slab;
  slab_list available;
  size_t spares = 0;                    // slabs in `available` with nothing in use
  slab_heap* next = nullptr;            // of all heaps
  slab_heap* next_orphan = nullptr;     // of those without a thread
  std::atomic<uint64_t> slow_calls{0};  // of its thread; others may read
  std::atomic<uint64_t> sent{0};
  std::atomic<uint64_t> collected{0};
  std::atomic<uint64_t> late_refusals{0};
  alignas(cache_line) inbox_type inbox;  // others write here
};

/// In front of the records of its slabs, and of their nodes.
struct alignas(cache_line) slab_chunk {
  region memory;  // as the source gave it
  unsigned char* begin = nullptr;
  slab_chunk* next = nullptr;
  size_t empty = 0;  // slabs in `empty_`

  [[nodiscard]] slab_record* records() noexcept {
    return reinterpret_cast<slab_record*>(this + 1);
  }
};

/// The numbers that follow from a block's size.
struct slab_geometry {
  size_t stride;       // from one block to the next
  size_t per_slab;     // blocks
  size_t per_chunk;    // slabs
  size_t chunk_bytes;  // a power of two
  size_t spare_max;    // slabs with nothing in use that a thread keeps
  size_t kept_max;     // blocks in each of a thread's magazines
  check_level level;   // at full free blocks hold a pattern

  [[nodiscard]] constexpr slab_word all() const noexcept {
    return ~slab_word{0} >> (size_bits - per_slab);
  }
  [[nodiscard]] constexpr unsigned chunk_shift() const noexcept {
    return floor_log2(chunk_bytes);
  }
};

class ACRE_API slab_store {
 public:
  constexpr slab_store(const slab_geometry& shape, source_calls source) noexcept
      : shape_(&shape), memory_(source) {}
  slab_store(const slab_store&) = delete;
  slab_store& operator=(const slab_store&) = delete;

  // --- for the hot paths

  [[gnu::always_inline]] [[nodiscard]] inline slab_heap* heap() const noexcept {
    return heaps_.mine();
  }
  [[gnu::always_inline]] [[nodiscard]] inline slab_record* find(uintptr_t chunk,
                                                                unsigned shift) const noexcept {
    return static_cast<slab_record*>(table_.find(chunk, shift));
  }

  // --- what they call seldom

  /// A block, when the thread has none of its own in hand; null iff the source has nothing.
  [[nodiscard]] void* allocate_slow(slab_heap* heap) noexcept;
  /// Makes room in `heap.own`, which is full.
  void put_back(slab_heap& heap) noexcept;
  /// Takes a block that the caller has claimed. Wait-free, but for a thread's first call.
  void keep(slab_heap* heap, slab_record& slab, slab_word bit, void* block) noexcept;
  /// The same, straight home, without the thread's own data.
  void send_back(slab_record& slab, slab_word bits) noexcept;

  // --- the rest

  size_t trim() noexcept;
  void flush() noexcept;
  void release_all() noexcept;
  [[nodiscard]] acre::usage usage() const noexcept;
  [[nodiscard]] status validate() const noexcept;

  /// Of all threads, so far; exact when nobody calls.
  struct counts {
    uint64_t slow_calls = 0;     ///< allocations that found nothing in their thread's hands
    uint64_t sent = 0;           ///< blocks that went home to another thread's slab
    uint64_t collected = 0;      ///< of these, those that have arrived
    uint64_t late_refusals = 0;  ///< double frees that were found when the block was next taken up
    size_t heaps = 0;            ///< threads at once, at most
    size_t chunks = 0;           ///< now
    size_t metadata_bytes = 0;   ///< in regions of their own
  };
  [[nodiscard]] counts read_counts() const noexcept;

 private:
  using guard = lock_guard<port::os_mutex>;

  static void at_exit(void* store, void* heap) noexcept;
  static void before_fork(void* store) noexcept;
  static void after_fork(void* store, void* heap, bool in_child) noexcept;
  static constexpr port::thread_hooks hooks{&at_exit, &before_fork, &after_fork};

  [[nodiscard]] slab_heap* attach() noexcept;
  [[nodiscard]] bool refill(slab_heap& heap, bool locked) noexcept;
  [[nodiscard]] void* take_any(slab_heap& heap, bool locked) noexcept;
  [[nodiscard]] void* take_own(slab_heap& heap) noexcept;
  [[nodiscard]] void* take_foreign(slab_heap& heap) noexcept;
  void refuse_late(slab_heap& heap, const void* block) noexcept;
  void send_home(slab_heap& heap, size_t count) noexcept;
  void collect(slab_heap& heap, bool locked) noexcept;
  void absorb(slab_heap& heap, slab_record& slab, bool locked) noexcept;
  void put(slab_heap& heap, slab_record& slab, slab_word bits, bool locked) noexcept;
  void hand_over(slab_heap& heap) noexcept;
  void rebuild() noexcept;

  // Under the lock.
  [[nodiscard]] slab_record* take_slab(slab_heap& heap) noexcept;
  void retire(slab_record& slab) noexcept;
  [[nodiscard]] bool drain(slab_heap& orphan) noexcept;
  [[nodiscard]] bool drain_orphans() noexcept;
  [[nodiscard]] bool grow() noexcept;
  [[nodiscard]] bool close(slab_chunk& chunk) noexcept;
  [[nodiscard]] slab_heap* new_heap() noexcept;
  [[nodiscard]] region acquire_aligned() noexcept;
  [[nodiscard]] slab_chunk& chunk_of(slab_record& slab) const noexcept {
    return reinterpret_cast<slab_chunk*>(&slab - slab.number)[-1];
  }
  [[nodiscard]] unsigned char* block_of(slab_record& slab, size_t number) const noexcept {
    return chunk_of(slab).begin + (slab.number * shape_->per_slab + number) * shape_->stride;
  }

  const slab_geometry* shape_;
  thread_heaps<slab_heap> heaps_;
  chunk_table table_;

  mutable port::os_mutex lock_;
  slab_heap shared_;  // of threads without a heap, and what threads have left
  slab_list empty_;
  slab_chunk* chunks_ = nullptr;
  slab_chunk* unused_ = nullptr;  // descriptors whose chunks are gone
  store_memory memory_;
  void* table_memory_ = nullptr;  // for the next table of chunks
};

}  // namespace acre::detail
