// SPDX-License-Identifier: MIT
// slab_store: blocks of one size for all threads of a process, from regions that a source gives: what
// thread_slabs keeps, and all that it does seldom, compiled once for all block sizes.
//
//   chunk, aligned to its size:   0 1 2 ... 63 | 64 ... 127 | ...    blocks and nothing else
//   elsewhere:                    record 0     | record 1   | ...    a slab each: `free`, `remote`, a bit a block
//
// Who owns a slab (a thread's heap, or the shared one, which the lock guards) takes a block by clearing its
// bit in `free` and gives it back by setting it: a load and a store. Everybody else sets its bit in
// `remote`, by one atomic OR, and the first one also drops the slab into its owner's inbox. So there is no
// header and no link in user memory, and nobody but its user touches a block.
//
// Records and heaps are never given back before the store is closed: who frees may still look at a record
// when its slab is used up, empty, somebody else's, or gone.
//
// I1  A block is free iff its bit is set in `free` or in `remote`; never in both, but for a double free that
//     met its owner's collecting, which is found there.
// I2  A slab with a bit in `remote` is queued: in an inbox, or about to be pushed. (Each side writes one word and
//     then reads the other's, sequentially consistent, so one of them sees the other.)
// I3  `available` of a heap holds exactly its slabs with a bit in `free`, but for the current one.
// I4  A slab with nothing in use is in `empty_`, or one of `spare_max` in a heap, or a heap's current one.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

#include <acre/detail/atomic.hpp>
#include <acre/detail/bits.hpp>
#include <acre/engine/remote_inbox.hpp>
#include <acre/policies.hpp>
#include <acre/port/detail/chunk_table.hpp>
#include <acre/port/os_mutex.hpp>
#include <acre/port/thread_slot.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::detail {

inline constexpr size_t cache_line = 64;

/// A bit for each block of a slab.
using slab_word = size_t;

struct slab_heap;

struct alignas(cache_line) slab_record {
  void* inbox_link = nullptr;  // first: the inbox's while the slab is queued
  std::atomic<slab_word> free{0};
  std::atomic<slab_word> remote{0};
  std::atomic<slab_heap*> owner{nullptr};
  unsigned char* first = nullptr;  // block 0
  slab_record* next = nullptr;     // of a list in its owner's hand
  slab_record* previous = nullptr;
  std::atomic<uint8_t> queued{0};
  bool listed = false;
  uint32_t number = 0;  // in its chunk
};
static_assert(sizeof(slab_record) == cache_line);

/// The current slab of a heap that has none: nothing is free in it, so that nobody writes to it.
extern constinit slab_record no_slab;

/// A list through slabs, newest first.
struct slab_list {
  slab_record* first = nullptr;

  void push(slab_record& slab) noexcept;
  void remove(slab_record& slab) noexcept;
  /// Null iff it is empty.
  slab_record* pop() noexcept;
};

/// What one thread allocates from; a new thread takes one that its thread has left.
struct alignas(cache_line) slab_heap {
  using inbox_type = engine::remote_inbox<native_atomics<true>>;

  slab_record* current = &no_slab;
  slab_list available;
  size_t spares = 0;                    // slabs in `available` with nothing in use
  slab_heap* next = nullptr;            // of all heaps
  slab_heap* next_orphan = nullptr;     // of those without a thread
  std::atomic<uint64_t> slow_calls{0};  // of its thread; others may read
  std::atomic<uint64_t> collected{0};
  std::atomic<uint64_t> late_refusals{0};
  alignas(cache_line) inbox_type inbox;  // others write here
};

/// In front of the records of its slabs.
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
  bool fill;           // free blocks hold the pattern of check level full

  [[nodiscard]] constexpr slab_word all() const noexcept {
    return ~slab_word{0} >> (size_bits - per_slab);
  }
  [[nodiscard]] constexpr unsigned chunk_shift() const noexcept {
    return floor_log2(chunk_bytes);
  }
};

/// A source, as calls.
struct slab_source {
  region (*acquire)(void* source, size_t bytes) noexcept;
  void (*release)(void* source, region memory) noexcept;
  size_t (*granularity)(void* source) noexcept;
  void* source;
};

class slab_store {
 public:
  constexpr slab_store(const slab_geometry& shape, const slab_source& source) noexcept
      : shape_(&shape), source_(source) {}
  slab_store(const slab_store&) = delete;
  slab_store& operator=(const slab_store&) = delete;

  // --- for the hot paths

  [[gnu::always_inline]] [[nodiscard]] inline slab_heap* heap() const noexcept {
    return static_cast<slab_heap*>(slot_.get());
  }
  [[gnu::always_inline]] [[nodiscard]] inline slab_record* find(uintptr_t chunk,
                                                                unsigned shift) const noexcept {
    return table_.find(chunk, shift);
  }

  // --- what they call seldom

  /// A block, when the current slab is used up or there is none; null iff the source has nothing.
  [[nodiscard]] void* allocate_slow(slab_heap* heap) noexcept;
  /// After a free by the owner that set the first bit of `slab`, or the last.
  void note_free(slab_heap& heap, slab_record& slab, slab_word before) noexcept;
  /// A free by somebody else. Wait-free.
  [[nodiscard]] status free_remote(slab_record& slab, slab_word bit) noexcept;

  // --- the rest

  size_t trim() noexcept;
  void flush() noexcept;
  void release_all() noexcept;
  [[nodiscard]] acre::usage usage() const noexcept;
  [[nodiscard]] status validate() const noexcept;

  /// Of all threads, so far; exact when nobody calls.
  struct counts {
    uint64_t slow_calls = 0;
    uint64_t collected = 0;
    uint64_t late_refusals = 0;
    size_t heaps = 0;
    size_t chunks = 0;
    size_t metadata_bytes = 0;
  };
  [[nodiscard]] counts read_counts() const noexcept;

 private:
  using guard = lock_guard<port::os_mutex>;

  static void at_exit(void* store, void* heap) noexcept;
  static void before_fork(void* store) noexcept;
  static void after_fork(void* store, void* heap, bool in_child) noexcept;
  static constexpr port::thread_hooks hooks{&at_exit, &before_fork, &after_fork};

  [[nodiscard]] slab_heap* attach() noexcept;
  [[nodiscard]] bool refill(slab_heap& heap) noexcept;
  void collect(slab_heap& heap) noexcept;
  void absorb(slab_heap& heap, slab_record& slab) noexcept;
  void hand_over(slab_heap& heap) noexcept;
  void rebuild(slab_heap* mine) noexcept;

  // Under the lock.
  [[nodiscard]] slab_record* take_slab(slab_heap& heap) noexcept;
  void retire(slab_record& slab) noexcept;
  [[nodiscard]] bool drain(slab_heap& orphan) noexcept;
  [[nodiscard]] bool drain_orphans() noexcept;
  [[nodiscard]] bool grow() noexcept;
  [[nodiscard]] slab_heap* new_heap() noexcept;
  [[nodiscard]] void* new_metadata(size_t bytes) noexcept;
  [[nodiscard]] region acquire_aligned() noexcept;
  [[nodiscard]] slab_chunk& chunk_of(slab_record& slab) const noexcept {
    return reinterpret_cast<slab_chunk*>(&slab - slab.number)[-1];
  }

  const slab_geometry* shape_;
  slab_source source_;
  port::thread_slot slot_;
  chunk_table table_;

  mutable port::os_mutex lock_;
  slab_heap shared_;  // of threads without a heap, and what threads have left
  slab_list empty_;
  slab_chunk* chunks_ = nullptr;
  slab_chunk* unused_ = nullptr;  // descriptors whose chunks are gone
  slab_heap* heaps_ = nullptr;
  slab_heap* orphans_ = nullptr;
  struct metadata_region {
    metadata_region* next;
    region memory;
  };
  metadata_region* metadata_ = nullptr;
  region metadata_left_;
  size_t metadata_bytes_ = 0;
};

}  // namespace acre::detail
