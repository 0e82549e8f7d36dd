// SPDX-License-Identifier: MIT
// slab_store: memory from the source and back to it, what a fork leaves, and what is in use.
#include <acre/port/detail/slab_store.hpp>

#include <acre/detail/meta.hpp>
#include <acre/detail/placement.hpp>
#include <acre/detail/poison.hpp>

namespace acre::inline ACRE_ABI::detail {

slab_heap* slab_store::new_heap() noexcept {
  void* const memory = memory_.take(sizeof(slab_heap));
  return memory == nullptr ? nullptr : new (placement{memory}) slab_heap{};
}

// --- chunks

// Regions of a system mostly come one below the other, so the first try mostly does.
region slab_store::acquire_aligned() noexcept {
  const size_t bytes = shape_->chunk_bytes;
  const region first = memory_.source().acquire(bytes);
  if (first.size >= bytes && first.aligned(bytes).size >= bytes) {
    return first;
  }
  if (first.empty()) {
    return {};
  }
  memory_.source().release(first);
  const region larger = memory_.source().acquire(2 * bytes - 1);
  if (larger.aligned(bytes).size >= bytes) {
    return larger;
  }
  if (!larger.empty()) {
    memory_.source().release(larger);
  }
  return {};
}

bool slab_store::grow() noexcept {
  const slab_geometry& shape = *shape_;
  slab_chunk* chunk = unused_;
  if (chunk == nullptr) {
    void* const memory = memory_.take(sizeof(slab_chunk) +
                                      shape.per_chunk * (sizeof(slab_record) + sizeof(slab_node)));
    if (memory == nullptr) {
      return false;
    }
    chunk = new (placement{memory}) slab_chunk{};
    auto* const nodes = reinterpret_cast<slab_node*>(chunk->records() + shape.per_chunk);
    for (size_t i = 0; i < shape.per_chunk; ++i) {
      auto* const slab = new (placement{chunk->records() + i}) slab_record{};
      slab->node = new (placement{nodes + i}) slab_node{nullptr, nullptr, nullptr, slab};
      slab->number = static_cast<uint16_t>(i);
      slab->owner.store(&shared_, std::memory_order_relaxed);
    }
    unused_ = chunk;
  }
  if (const size_t bytes = table_.bytes_wanted(); bytes != 0 && table_memory_ == nullptr) {
    table_memory_ = memory_.take(bytes);  // kept, where the source then has no chunk
  }
  const region memory = acquire_aligned();
  if (memory.empty()) {
    return false;
  }
  auto* const begin = static_cast<unsigned char*>(memory.aligned(shape.chunk_bytes).begin);
  if (shape.level == check_level::full) {
    poison(begin, 0, shape.chunk_bytes);
  }
  // Before anybody can find them.
  chunk->begin = begin;
  for (size_t i = 0; i < shape.per_chunk; ++i) {
    slab_record& slab = chunk->records()[i];
    slab.settle(0, shape.all(), shape.level);
    slab.free.store(shape.all(), std::memory_order_relaxed);
  }
  if (!table_.add(reinterpret_cast<uintptr_t>(begin), chunk->records(), shape.chunk_shift(),
                  table_memory_)) {
    memory_.source().release(memory);
    return false;
  }
  table_memory_ = nullptr;
  unused_ = chunk->next;
  chunk->memory = memory;
  chunk->next = chunks_;
  chunks_ = chunk;
  for (size_t i = shape.per_chunk; i-- > 0;) {
    retire(chunk->records()[i]);  // so that the lowest is taken first
  }
  return true;
}

/// False, and nothing has changed, if a thread has a block of it that its owner has, too.
bool slab_store::close(slab_chunk& chunk) noexcept {
  for (size_t i = 0; i < shape_->per_chunk; ++i) {
    if (!chunk.records()[i].close(shape_->all(), shape_->level)) {
      while (i-- > 0) {
        chunk.records()[i].reopen(shape_->all(), shape_->level);
      }
      return false;
    }
  }
  return true;
}

size_t slab_store::trim() noexcept {
  flush();
  size_t released = 0;
  const guard held(lock_);
  static_cast<void>(drain_orphans());
  hand_over(shared_);
  for (slab_chunk** at = &chunks_; *at != nullptr;) {
    slab_chunk& chunk = **at;
    if (chunk.empty != shape_->per_chunk || !close(chunk)) {
      at = &chunk.next;
      continue;
    }
    for (size_t i = 0; i < shape_->per_chunk; ++i) {
      empty_.remove(chunk.records()[i]);
    }
    *at = chunk.next;
    table_.remove(reinterpret_cast<uintptr_t>(chunk.begin), shape_->chunk_shift());
    released += chunk.memory.size;
    memory_.source().release(chunk.memory);
    chunk.empty = 0;
    chunk.next = unused_;
    unused_ = &chunk;
  }
  return released;
}

void slab_store::release_all() noexcept {
  heaps_.close();
  const guard held(lock_);
  for (slab_chunk* each = chunks_; each != nullptr; each = each->next) {
    memory_.source().release(each->memory);
  }
  table_.clear();
  new (placement{&shared_}) slab_heap{};
  empty_ = {};
  chunks_ = nullptr;
  unused_ = nullptr;
  heaps_.forget();
  table_memory_ = nullptr;
  memory_.release_all();
}

// --- fork

void slab_store::before_fork(void* store) noexcept {
  static_cast<slab_store*>(store)->lock_.lock();
}

// In the child, the heaps of all other threads stand as they were left in the middle of whatever they did,
// and nobody will finish a push that had begun. But the words of each slab are whole, and say what is in use:
// all else is free, and shared.
void slab_store::after_fork(void* store, void* heap, bool in_child) noexcept {
  auto& self = *static_cast<slab_store*>(store);
  if (in_child) {
    self.rebuild();
    self.heaps_.leave_all_but(static_cast<slab_heap*>(heap));
  }
  self.lock_.unlock();
}

void slab_store::rebuild() noexcept {
  const auto forget = [](slab_heap& heap) {
    heap.own.count = 0;
    heap.foreign.count = 0;
    heap.current = &no_slab;
    heap.available = {};
    heap.spares = 0;
    new (placement{&heap.inbox}) slab_heap::inbox_type;
  };
  forget(shared_);
  for (slab_heap* each = heaps_.all(); each != nullptr; each = each->next) {
    forget(*each);
  }
  empty_ = {};
  for (slab_chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->next) {
    chunk->empty = 0;
    for (size_t i = shape_->per_chunk; i-- > 0;) {
      slab_record& slab = chunk->records()[i];
      const slab_word in_use = slab.in_use();
      if (shape_->level == check_level::full) {
        // Threads may have been filling what was in their hands.
        const slab_word whole = in_use | slab.free.load(std::memory_order_relaxed);
        for (slab_word left = shape_->all() & ~whole; left != 0; left &= left - 1) {
          poison(block_of(slab, trailing_zeros_word(left)), 0, shape_->stride);
        }
      }
      slab.settle(in_use, shape_->all(), shape_->level);
      slab.free.store(shape_->all() & ~in_use, std::memory_order_relaxed);
      slab.owner.store(&shared_, std::memory_order_relaxed);
      slab.listed = false;
      if (in_use == 0) {
        retire(slab);
      } else if (in_use != shape_->all()) {
        shared_.available.push(slab);
      }
    }
  }
}

// --- what is in use

usage slab_store::usage() const noexcept {
  const guard held(lock_);
  acre::usage sum;
  for (slab_chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->next) {
    for (size_t i = 0; i < shape_->per_chunk; ++i) {
      sum.blocks_in_use += static_cast<size_t>(__builtin_popcountll(chunk->records()[i].in_use()));
    }
    sum.bytes_free += shape_->per_chunk * shape_->per_slab * shape_->stride;
  }
  sum.bytes_in_use = sum.blocks_in_use * shape_->stride;
  sum.bytes_free -= sum.bytes_in_use;
  sum.bytes_overhead = memory_.bytes();
  return sum;
}

slab_store::counts slab_store::read_counts() const noexcept {
  const guard held(lock_);
  counts sum;
  const auto add = [&sum](const slab_heap& heap) {
    sum.slow_calls += heap.slow_calls.load(std::memory_order_relaxed);
    sum.sent += heap.sent.load(std::memory_order_relaxed);
    sum.collected += heap.collected.load(std::memory_order_relaxed);
    sum.late_refusals += heap.late_refusals.load(std::memory_order_relaxed);
  };
  add(shared_);
  for (const slab_heap* each = heaps_.all(); each != nullptr; each = each->next) {
    add(*each);
    ++sum.heaps;
  }
  for (const slab_chunk* each = chunks_; each != nullptr; each = each->next) {
    ++sum.chunks;
  }
  sum.metadata_bytes = memory_.bytes();
  return sum;
}

// Nobody else calls: then a slab is listed where its words say, and in no other place.
status slab_store::validate() const noexcept {
  const guard held(lock_);
  const slab_word all = shape_->all();
  size_t listed = 0;
  const auto check_list = [&](const slab_list& list, const slab_heap& owner, bool empty,
                              size_t& spares) {
    const slab_node* previous = nullptr;
    for (const slab_node* node = list.first; node != nullptr; node = node->next) {
      const slab_record* const slab = node->slab;
      const slab_word bits = slab->free.load(std::memory_order_relaxed);
      if (node->previous != previous || !slab->listed || bits == 0 || (empty && bits != all) ||
          slab->owner.load(std::memory_order_relaxed) != &owner) {
        return false;
      }
      spares += bits == all ? 1 : 0;
      ++listed;
      previous = node;
    }
    return true;
  };
  size_t ignored = 0;
  if (!check_list(empty_, shared_, true, ignored) ||
      !check_list(shared_.available, shared_, false, ignored)) {
    return status::corrupted;
  }
  for (const slab_heap* each = heaps_.all(); each != nullptr; each = each->next) {
    size_t spares = 0;
    if (!check_list(each->available, *each, false, spares) || spares != each->spares) {
      return status::corrupted;
    }
  }
  for (slab_chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->next) {
    size_t empty = 0;
    for (size_t i = 0; i < shape_->per_chunk; ++i) {
      const slab_record& slab = chunk->records()[i];
      const slab_word bits = slab.free.load(std::memory_order_relaxed);
      const slab_heap& owner = *slab.owner.load(std::memory_order_relaxed);
      const bool is_current = owner.current == &slab;
      if (!slab.valid(bits, all, shape_->level) || slab.number != i ||
          slab.listed != (bits != 0 && !is_current)) {
        return status::corrupted;
      }
      empty += slab.listed && bits == all && &owner == &shared_ ? 1 : 0;
      listed -= slab.listed ? 1 : 0;
    }
    if (empty != chunk->empty) {
      return status::corrupted;
    }
  }
  return listed == 0 ? status::ok : status::corrupted;
}

}  // namespace acre::detail
