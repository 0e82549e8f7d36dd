// SPDX-License-Identifier: MIT
// slab_store: blocks and slabs on their way between threads.
#include <acre/port/detail/slab_store.hpp>

#include <acre/detail/placement.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::detail {

constinit slab_record no_slab;

void slab_list::push(slab_record& slab) noexcept {
  slab_node& node = *slab.node;
  node.previous = nullptr;
  node.next = first;
  if (first != nullptr) {
    first->previous = &node;
  }
  first = &node;
  slab.listed = true;
}

void slab_list::remove(slab_record& slab) noexcept {
  const slab_node& node = *slab.node;
  (node.previous == nullptr ? first : node.previous->next) = node.next;
  if (node.next != nullptr) {
    node.next->previous = node.previous;
  }
  slab.listed = false;
}

slab_record* slab_list::pop() noexcept {
  if (first == nullptr) {
    return nullptr;
  }
  slab_record& taken = *first->slab;
  remove(taken);
  return &taken;
}

namespace {

uint64_t bits_in(slab_word bits) noexcept {
  return static_cast<uint64_t>(__builtin_popcountll(bits));
}

}  // namespace

// --- blocks of one's own

/// Into the slab. Lists it with its first free block, and gives it away with the last.
void slab_store::put(slab_heap& heap, slab_record& slab, slab_word bits, bool locked) noexcept {
  const slab_word before = slab.free.load(std::memory_order_relaxed);
  const slab_word after = before | bits;
  slab.free.store(after, std::memory_order_relaxed);
  if (&slab == heap.current) {
    return;
  }
  if (before == 0) {
    heap.available.push(slab);
  }
  if (after != shape_->all()) {
    return;
  }
  if (&heap != &shared_ && heap.spares < shape_->spare_max) {
    ++heap.spares;
    return;
  }
  heap.available.remove(slab);
  if (locked) {
    retire(slab);
  } else {
    const guard held(lock_);
    retire(slab);
  }
}

// The older half, so that what is warm is handed out next.
void slab_store::put_back(slab_heap& heap) noexcept {
  slab_magazine& own = heap.own;
  const size_t leaving = (own.count + 1) / 2;
  for (size_t i = 0; i < leaving;) {
    slab_record& slab = own.blocks[i].slab();
    slab_word bits = 0;
    for (; i < leaving && &own.blocks[i].slab() == &slab; ++i) {
      bits |= own.blocks[i].bit();
    }
    put(heap, slab, bits, false);
  }
  own.count -= leaving;
  for (size_t i = 0; i < own.count; ++i) {
    own.blocks[i] = own.blocks[leaving + i];
  }
}

/// Null if there is none.
void* slab_store::take_own(slab_heap& heap) noexcept {
  while (heap.own.count != 0) {
    const kept_block& taken = heap.own.blocks[--heap.own.count];
    if (taken.slab().take(taken.bit(), shape_->level)) [[likely]] {
      return taken.block;
    }
    taken.slab().yield(taken.bit());
    refuse_late(heap, taken.block);
  }
  return nullptr;
}

void slab_store::refuse_late(slab_heap& heap, const void* block) noexcept {
  count(heap.late_refusals);
  static_cast<void>(raise_misuse(status::double_free, block, this, nullptr));
}

// --- blocks of others

void slab_store::keep(slab_heap* heap, slab_record& slab, slab_word bit, void* block) noexcept {
  if (heap == nullptr) {
    heap = attach();
    if (heap == nullptr) {
      return send_back(slab, bit);
    }
  }
  slab_magazine& foreign = heap->foreign;
  if (foreign.count == shape_->kept_max) {
    send_home(*heap, (foreign.count + 1) / 2);
  }
  foreign.blocks[foreign.count++] = {block,
                                     reinterpret_cast<uintptr_t>(&slab) | trailing_zeros_word(bit)};
}

void slab_store::send_back(slab_record& slab, slab_word bits) noexcept {
  if (slab.send(bits)) {
    slab.owner.load(std::memory_order_acquire)->inbox.push(slab.node);
  }
}

// The oldest `leaving` of them. O(leaving^2) at most, and leaving is at most kept_most: that is less than one
// atomic operation more on a line that another processor has.
void slab_store::send_home(slab_heap& heap, size_t leaving) noexcept {
  slab_magazine& foreign = heap.foreign;
  for (size_t i = 0; i < leaving; ++i) {
    if (foreign.blocks[i].block == nullptr) {
      continue;  // sent with another one of its slab
    }
    slab_record& slab = foreign.blocks[i].slab();
    slab_word bits = 0;
    for (size_t k = i; k < leaving; ++k) {
      if (foreign.blocks[k].block != nullptr && &foreign.blocks[k].slab() == &slab) {
        bits |= foreign.blocks[k].bit();
        foreign.blocks[k].block = nullptr;
      }
    }
    count(heap.sent, bits_in(bits));
    send_back(slab, bits);
  }
  foreign.count -= leaving;
  for (size_t i = 0; i < foreign.count; ++i) {
    foreign.blocks[i] = foreign.blocks[leaving + i];
  }
}

/// Null if there is none.
void* slab_store::take_foreign(slab_heap& heap) noexcept {
  if (heap.foreign.count == 0) {
    return nullptr;
  }
  const kept_block& taken = heap.foreign.blocks[--heap.foreign.count];
  taken.slab().lend(taken.bit(), shape_->level);
  return taken.block;
}

/// What has come home to a slab of `heap`.
void slab_store::absorb(slab_heap& heap, slab_record& slab, bool locked) noexcept {
  const auto came = slab.collect(shape_->level);
  for (slab_word twice = came.twice; twice != 0; twice &= twice - 1) {
    refuse_late(heap, block_of(slab, trailing_zeros_word(twice)));
  }
  if (came.back != 0) {
    count(heap.collected, bits_in(came.back));
    put(heap, slab, came.back, locked);
  }
}

// Until nothing more is there: a thread that frees for ever sends batches, each of which cost it more.
void slab_store::collect(slab_heap& heap, bool locked) noexcept {
  while (auto* const node = static_cast<slab_node*>(heap.inbox.pop())) {
    slab_heap* const owner = node->slab->owner.load(std::memory_order_acquire);
    if (owner == &heap) {
      absorb(heap, *node->slab, locked);
    } else {
      owner->inbox.push(node);  // it has changed hands since it was queued
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
    collect(shared_, true);
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

/// True iff there is something for the shared heap now.
bool slab_store::drain(slab_heap& orphan) noexcept {
  bool found = false;
  while (auto* const node = static_cast<slab_node*>(orphan.inbox.pop())) {
    slab_heap* const owner = node->slab->owner.load(std::memory_order_acquire);
    if (owner == &orphan) {
      node->slab->owner.store(&shared_, std::memory_order_release);
      absorb(shared_, *node->slab, true);
      found = true;
    } else {
      owner->inbox.push(node);
      found = found || owner == &shared_;
    }
  }
  return found;
}

bool slab_store::drain_orphans() noexcept {
  bool found = false;
  for (slab_heap* each = heaps_.orphans(); each != nullptr; each = each->next_orphan) {
    found = drain(*each) || found;
  }
  return found;
}

// --- allocation

/// Fills half of the magazine, which is empty. False iff there is no slab to be had.
bool slab_store::refill(slab_heap& heap, bool locked) noexcept {
  slab_word bits = heap.current->free.load(std::memory_order_relaxed);
  if (bits == 0) {
    collect(heap, locked);
    slab_record* slab = heap.current;
    if (slab->free.load(std::memory_order_relaxed) == 0) {
      slab = heap.available.pop();
      if (slab != nullptr) {
        heap.spares -= slab->free.load(std::memory_order_relaxed) == shape_->all() ? 1 : 0;
      } else if (locked) {
        slab = take_slab(heap);
      } else {
        const guard held(lock_);
        slab = take_slab(heap);
      }
      if (slab == nullptr) {
        return false;
      }
      heap.current = slab;
    }
    bits = slab->free.load(std::memory_order_relaxed);
  }
  // The lowest is taken first.
  slab_record& slab = *heap.current;
  unsigned char* const begin = block_of(slab, 0);
  const size_t most = (shape_->kept_max + 1) / 2;
  const size_t filling = bits_in(bits) < most ? static_cast<size_t>(bits_in(bits)) : most;
  for (size_t i = filling; i-- > 0; bits &= bits - 1) {
    const size_t number = trailing_zeros_word(bits);
    heap.own.blocks[i] = {begin + number * shape_->stride,
                          reinterpret_cast<uintptr_t>(&slab) | number};
  }
  heap.own.count = filling;
  slab.free.store(bits, std::memory_order_relaxed);
  return true;
}

void* slab_store::take_any(slab_heap& heap, bool locked) noexcept {
  void* block = nullptr;
  do {
    block = take_own(heap);
    if (block == nullptr) {
      block = take_foreign(heap);
    }
  } while (block == nullptr && refill(heap, locked));
  return block;
}

void* slab_store::allocate_slow(slab_heap* heap) noexcept {
  if (heap == nullptr) {
    heap = attach();
  }
  if (heap != nullptr) {
    count(heap->slow_calls);
    return take_any(*heap, false);
  }
  // A thread that is ending, or the system has no room for its heap: it shares one.
  const guard held(lock_);
  count(shared_.slow_calls);
  return take_any(shared_, true);
}

// --- threads

slab_heap* slab_store::attach() noexcept {
  return heaps_.attach(lock_, hooks, this, [this] { return new_heap(); });
}

// Under the lock. What is partly used goes to who asks first, and not to the next thread only.
void slab_store::hand_over(slab_heap& heap) noexcept {
  send_home(heap, heap.foreign.count);
  while (heap.own.count != 0) {
    const kept_block& kept = heap.own.blocks[--heap.own.count];
    put(heap, kept.slab(), kept.bit(), true);
  }
  if (slab_record* const current = heap.current; current != &no_slab) {
    heap.current = &no_slab;
    if (current->free.load(std::memory_order_relaxed) != 0) {
      heap.available.push(*current);
    }
  }
  slab_list left = heap.available;
  heap.available = {};
  heap.spares = 0;
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
  self.heaps_.leave(left);
}

void slab_store::flush() noexcept {
  slab_heap* const mine = heap();
  const guard held(lock_);
  if (mine != nullptr) {
    hand_over(*mine);
    collect(shared_, true);  // what had come home to slabs that are shared now
  }
}

}  // namespace acre::detail
