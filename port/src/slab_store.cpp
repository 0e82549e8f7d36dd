// SPDX-License-Identifier: MIT
// slab_store: slabs on their way between threads.
#include <acre/port/detail/slab_store.hpp>

#include <acre/detail/placement.hpp>
#include <acre/fault.hpp>

namespace acre::detail {

constinit slab_record no_slab;

void slab_list::push(slab_record& slab) noexcept {
  slab.previous = nullptr;
  slab.next = first;
  if (first != nullptr) {
    first->previous = &slab;
  }
  first = &slab;
  slab.listed = true;
}

void slab_list::remove(slab_record& slab) noexcept {
  (slab.previous == nullptr ? first : slab.previous->next) = slab.next;
  if (slab.next != nullptr) {
    slab.next->previous = slab.previous;
  }
  slab.listed = false;
}

slab_record* slab_list::pop() noexcept {
  slab_record* const taken = first;
  if (taken != nullptr) {
    remove(*taken);
  }
  return taken;
}

namespace {

void count(std::atomic<uint64_t>& counter, uint64_t more = 1) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

/// The owner, of a slab with a bit in `free`.
void* take_block(slab_record& slab, const slab_geometry& shape) noexcept {
  const slab_word bits = slab.free.load(std::memory_order_relaxed);
  slab.free.store(bits & (bits - 1), std::memory_order_relaxed);
  return slab.first + trailing_zeros_word(bits) * shape.stride;
}

}  // namespace

// --- frees

status slab_store::free_remote(slab_record& slab, slab_word bit) noexcept {
  // release: what this thread wrote to the block is seen by who gets it next.
  if ((slab.free.load(std::memory_order_relaxed) & bit) != 0 ||
      (slab.remote.fetch_or(bit, std::memory_order_seq_cst) & bit) != 0) {
    return status::double_free;
  }
  if (slab.queued.load(std::memory_order_seq_cst) == 0 &&
      slab.queued.exchange(1, std::memory_order_seq_cst) == 0) {
    slab.owner.load(std::memory_order_acquire)->inbox.push(&slab);
  }
  return status::ok;
}

void slab_store::note_free(slab_heap& heap, slab_record& slab, slab_word before) noexcept {
  if (&slab == heap.current) {
    return;
  }
  if (before == 0) {
    heap.available.push(slab);
  }
  if (slab.free.load(std::memory_order_relaxed) != shape_->all()) {
    return;
  }
  if (&heap == &shared_) {
    heap.available.remove(slab);
    retire(slab);
  } else if (heap.spares < shape_->spare_max) {
    ++heap.spares;
  } else {
    heap.available.remove(slab);
    const guard held(lock_);
    retire(slab);
  }
}

void slab_store::absorb(slab_heap& heap, slab_record& slab) noexcept {
  slab.queued.store(0, std::memory_order_seq_cst);
  slab_word back = slab.remote.exchange(0, std::memory_order_seq_cst);
  const slab_word before = slab.free.load(std::memory_order_relaxed);
  for (slab_word twice = back & before; twice != 0; twice &= twice - 1) {
    count(heap.late_refusals);
    static_cast<void>(raise_misuse(status::double_free,
                                   slab.first + trailing_zeros_word(twice) * shape_->stride, this,
                                   nullptr));
  }
  back &= ~before;
  if (back != 0) {
    slab.free.store(before | back, std::memory_order_relaxed);
    count(heap.collected, static_cast<uint64_t>(__builtin_popcountll(back)));
    note_free(heap, slab, before);
  }
}

// What came since the last time: the pushers of more may go on for ever.
void slab_store::collect(slab_heap& heap) noexcept {
  while (auto* const slab = static_cast<slab_record*>(heap.inbox.pop())) {
    slab_heap* const owner = slab->owner.load(std::memory_order_acquire);
    if (owner == &heap) {
      absorb(heap, *slab);
    } else {
      owner->inbox.push(slab);  // it has changed hands since it was queued
    }
  }
}

// --- slabs

void slab_store::retire(slab_record& slab) noexcept {
  slab.owner.store(&shared_, std::memory_order_release);
  empty_.push(slab);
  ++chunk_of(slab).empty;
}

slab_record* slab_store::take_slab(slab_heap& heap) noexcept {
  do {
    collect(shared_);
    slab_record* slab = shared_.available.pop();
    if (slab == nullptr) {
      slab = empty_.pop();
      if (slab != nullptr) {
        --chunk_of(*slab).empty;
      }
    }
    if (slab != nullptr) {
      slab->owner.store(&heap, std::memory_order_release);
      return slab;
    }
  } while (drain_orphans() || grow());
  return nullptr;
}

bool slab_store::drain(slab_heap& orphan) noexcept {
  bool found = false;
  while (auto* const slab = static_cast<slab_record*>(orphan.inbox.pop())) {
    slab_heap* const owner = slab->owner.load(std::memory_order_acquire);
    if (owner == &orphan) {
      slab->owner.store(&shared_, std::memory_order_release);
      absorb(shared_, *slab);
      found = true;
    } else {
      owner->inbox.push(slab);
    }
  }
  return found;
}

bool slab_store::drain_orphans() noexcept {
  bool found = false;
  for (slab_heap* each = orphans_; each != nullptr; each = each->next_orphan) {
    found = drain(*each) || found;
  }
  return found;
}

// --- allocation

bool slab_store::refill(slab_heap& heap) noexcept {
  collect(heap);
  if (heap.current->free.load(std::memory_order_relaxed) != 0) {
    return true;
  }
  slab_record* slab = heap.available.pop();
  if (slab == nullptr) {
    if (&heap == &shared_) {
      slab = take_slab(heap);
    } else {
      const guard held(lock_);
      slab = take_slab(heap);
    }
  } else if (slab->free.load(std::memory_order_relaxed) == shape_->all()) {
    --heap.spares;
  }
  if (slab == nullptr) {
    return false;
  }
  heap.current = slab;
  return true;
}

void* slab_store::allocate_slow(slab_heap* heap) noexcept {
  if (heap == nullptr) {
    heap = attach();
  }
  if (heap != nullptr) {
    count(heap->slow_calls);
    return refill(*heap) ? take_block(*heap->current, *shape_) : nullptr;
  }
  // A thread that is ending, or the system has no room for its heap: it shares one.
  const guard held(lock_);
  count(shared_.slow_calls);
  return shared_.current->free.load(std::memory_order_relaxed) != 0 || refill(shared_)
             ? take_block(*shared_.current, *shape_)
             : nullptr;
}

// --- threads

slab_heap* slab_store::attach() noexcept {
  if (!slot_.open(hooks, this)) {
    return nullptr;
  }
  slab_heap* heap = nullptr;
  {
    const guard held(lock_);
    heap = orphans_;
    if (heap != nullptr) {
      orphans_ = heap->next_orphan;
    } else {
      heap = new_heap();
    }
  }
  if (heap != nullptr && !slot_.set(heap)) {
    const guard held(lock_);
    heap->next_orphan = orphans_;
    orphans_ = heap;
    heap = nullptr;
  }
  return heap;
}

// Under the lock. What is partly used goes to who asks first, and not to the next thread only.
void slab_store::hand_over(slab_heap& heap) noexcept {
  if (heap.current != &no_slab) {
    slab_record& slab = *heap.current;
    heap.current = &no_slab;
    if (slab.free.load(std::memory_order_relaxed) != 0) {
      heap.available.push(slab);
    }
  }
  heap.spares = 0;
  slab_list left = heap.available;
  heap.available = {};
  while (slab_record* const slab = left.pop()) {
    slab->owner.store(&shared_, std::memory_order_release);
    if (slab->free.load(std::memory_order_relaxed) == shape_->all()) {
      retire(*slab);
    } else {
      shared_.available.push(*slab);
    }
  }
  static_cast<void>(drain(heap));
}

void slab_store::at_exit(void* store, void* heap) noexcept {
  auto& self = *static_cast<slab_store*>(store);
  auto& left = *static_cast<slab_heap*>(heap);
  const guard held(self.lock_);
  self.hand_over(left);
  left.next_orphan = self.orphans_;
  self.orphans_ = &left;
}

void slab_store::flush() noexcept {
  slab_heap* const mine = heap();
  const guard held(lock_);
  if (mine != nullptr) {
    hand_over(*mine);
  }
}

}  // namespace acre::detail
