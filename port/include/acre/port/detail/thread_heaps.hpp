// SPDX-License-Identifier: MIT
// thread_heaps: the heaps of a store that serves all threads: one for each thread that has called, and those
// that threads have left, which new threads take over.
#pragma once

#include <stdint.h>

#include <atomic>

#include <acre/detail/abi.hpp>
#include <acre/policies.hpp>
#include <acre/port/os_mutex.hpp>
#include <acre/port/thread_slot.hpp>

namespace acre::inline ACRE_ABI::detail {

/// For a counter that one thread writes and others read.
inline void count(std::atomic<uint64_t>& counter, uint64_t more = 1) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

/// `Heap` has the members `next` and `next_orphan`, pointers to a Heap, which are the list's.
template <class Heap>
class thread_heaps {
 public:
  constexpr thread_heaps() noexcept = default;

  /// The calling thread's; null if it has none. Two loads.
  [[gnu::always_inline]] [[nodiscard]] inline Heap* mine() const noexcept {
    return static_cast<Heap*>(slot_.get());
  }

  /// A heap for the calling thread: one that is left, or what `make()` answers under `lock`. Null iff that is
  /// null, the thread's hooks have run, or the system can't call them. Without the lock.
  template <class Make>
  [[nodiscard]] Heap* attach(port::os_mutex& lock, const port::thread_hooks& hooks, void* store,
                             Make make) noexcept {
    if (port::thread_slot::thread_has_ended() || !slot_.open(hooks, store)) {
      return nullptr;
    }
    Heap* heap = nullptr;
    {
      const lock_guard held(lock);
      heap = orphans_;
      if (heap != nullptr) {
        orphans_ = heap->next_orphan;
      } else if (heap = make(); heap != nullptr) {
        heap->next = all_;
        all_ = heap;
      }
    }
    if (heap != nullptr && !slot_.set(heap)) {
      const lock_guard held(lock);
      leave(*heap);
      heap = nullptr;
    }
    return heap;
  }

  // Under the lock.

  /// Its thread is gone.
  void leave(Heap& heap) noexcept {
    heap.next_orphan = orphans_;
    orphans_ = &heap;
  }
  /// All threads are gone but one.
  void leave_all_but(const Heap* kept) noexcept {
    orphans_ = nullptr;
    for (Heap* each = all_; each != nullptr; each = each->next) {
      if (each != kept) {
        leave(*each);
      }
    }
  }
  [[nodiscard]] Heap* all() const noexcept {
    return all_;
  }
  [[nodiscard]] Heap* orphans() const noexcept {
    return orphans_;
  }
  void forget() noexcept {
    all_ = nullptr;
    orphans_ = nullptr;
  }

  // Without the lock.

  /// No thread has one any more, and no hook is called.
  void close() noexcept {
    slot_.close();
  }

 private:
  port::thread_slot slot_;
  Heap* all_ = nullptr;
  Heap* orphans_ = nullptr;
};

}  // namespace acre::detail
