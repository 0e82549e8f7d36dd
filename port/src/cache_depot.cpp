// SPDX-License-Identifier: MIT
// cache_store: the depot, what goes back to the allocator, threads that end, forks, and what is counted.
#include <acre/port/detail/cache_store.hpp>

#include <acre/detail/placement.hpp>
#include <acre/detail/poison.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::detail {

// --- to the depot and to the allocator

/// Into the depot, or its blocks to the allocator and only the magazine into the depot.
template <bool Checked>
void cache_store<Checked>::store_away(unsigned size_class, magazine_type& kept) noexcept {
  depot& all = depots_[size_class];
  if (get(kept.count) != 0 && all.full_count < shape_->classes[size_class].depot_max) {
    kept.next = all.full;
    all.full = &kept;
    ++all.full_count;
    ++depot_full_;
    return;
  }
  give_back(size_class, kept);
  kept.next = all.empty;
  all.empty = &kept;
}

template <bool Checked>
void cache_store<Checked>::give_back(unsigned size_class, magazine_type& from) noexcept {
  const uint32_t count = get(from.count);
  if (count == 0) {
    return;
  }
  void* blocks[magazine_blocks_max];
  const layout each = shape_->each(size_class);
  size_t good = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const block& kept = from.blocks()[i];
    if constexpr (Checked) {
      if (get(*kept.state) != from.cached) {
        refuse_late(kept.address);
        continue;
      }
      set(*kept.state, state_word{0});
    }
    if (shape_->fill && !is_poisoned(kept.address, 0, each.size)) {
      raise_corruption(kept.address, this);
    }
    blocks[good++] = kept.address;
  }
  set(from.count, 0U);
  calls_.give(each, blocks, good);
}

template <bool Checked>
void cache_store<Checked>::give_back_one(unsigned size_class, const block& freed) noexcept {
  if constexpr (Checked) {
    if (get(*freed.state) != inbox_state(size_class)) {
      refuse_late(freed.address);
      return;
    }
    set(*freed.state, state_word{0});
  }
  calls_.give(shape_->each(size_class), &freed.address, 1);
}

/// False if there is nothing, or what comes next is being pushed, or cannot be trusted: a block that was freed
/// twice at a time may have been handed out, and its link overwritten.
template <bool Checked>
bool cache_store<Checked>::pop_inbox(unsigned size_class, block& popped) noexcept {
  auto& inbox = depots_[size_class].inbox;
  popped.address = inbox.pop();
  if (popped.address == nullptr) {
    return false;
  }
  if constexpr (Checked) {
    popped.state = states_.find(popped.address);
    if (popped.state == nullptr || get(*popped.state) != inbox_state(size_class)) {
      inbox.drop();
      refuse_late(popped.address);
      return false;
    }
  }
  if (shape_->fill) {
    poison(popped.address, 0, depot::inbox_type::block_bytes);  // where the link was
  }
  return true;
}

template <bool Checked>
void cache_store<Checked>::give_back_inbox(unsigned size_class, size_t at_most) noexcept {
  block popped{};
  for (size_t i = 0; i < at_most && pop_inbox(size_class, popped); ++i) {
    give_back_one(size_class, popped);
  }
}

template <bool Checked>
void cache_store<Checked>::give_all_back(part* mine) noexcept {
  for (unsigned c = 0; c < shape_->count; ++c) {
    if (mine != nullptr) {
      give_back(c, *get(mine->pairs()[c].loaded));
      give_back(c, *get(mine->pairs()[c].spare));
    }
    depot& all = depots_[c];
    while (magazine_type* const found = all.full) {
      all.full = found->next;
      --all.full_count;
      give_back(c, *found);
      found->next = all.empty;
      all.empty = found;
    }
    give_back_inbox(c, SIZE_MAX);
  }
}

// --- threads

template <bool Checked>
void cache_store<Checked>::hand_over(part& mine) noexcept {
  for (unsigned c = 0; c < shape_->count; ++c) {
    typename part::pair& own = mine.pairs()[c];
    for (std::atomic<magazine_type*>* const each : {&own.loaded, &own.spare}) {
      if (magazine_type* const kept = get(*each); kept != &none_) {
        set(*each, &none_);
        store_away(c, *kept);
      }
    }
  }
}

template <bool Checked>
void cache_store<Checked>::flush() noexcept {
  part* const mine = parts_.mine();
  const guard held(lock_);
  if (mine != nullptr) {
    hand_over(*mine);
  }
}

template <bool Checked>
void cache_store<Checked>::at_exit(void* store, void* part_of_thread) noexcept {
  auto& self = *static_cast<cache_store*>(store);
  auto& left = *static_cast<part*>(part_of_thread);
  const guard held(self.lock_);
  self.hand_over(left);
  self.parts_.leave(left);
}

template <bool Checked>
void cache_store<Checked>::before_fork(void* store) noexcept {
  static_cast<cache_store*>(store)->lock_.lock();
}

// In the child all other threads are gone, each in the middle of anything that it does without the lock. At
// each moment a magazine's count tells which of its blocks are whole; what a thread had in its hands at the
// moment is lost: a block, or, in the middle of a push to an inbox, those below it.
template <bool Checked>
void cache_store<Checked>::after_fork(void* store, void* part_of_thread, bool in_child) noexcept {
  auto& self = *static_cast<cache_store*>(store);
  if (in_child) {
    for (part* each = self.parts_.all(); each != nullptr; each = each->next) {
      if (each != part_of_thread) {
        self.salvage(*each);
      }
    }
    for (unsigned c = 0; c < self.shape_->count; ++c) {
      self.give_back_inbox(c, SIZE_MAX);
      new (placement{&self.depots_[c].inbox}) typename depot::inbox_type;
    }
    self.parts_.leave_all_but(static_cast<part*>(part_of_thread));
  }
  self.lock_.unlock();
}

/// As give_back; but a thread that was handing out a block had already written that it is in use.
template <bool Checked>
void cache_store<Checked>::salvage(part& gone) noexcept {
  for (unsigned c = 0; c < shape_->count; ++c) {
    typename part::pair& own = gone.pairs()[c];
    for (std::atomic<magazine_type*>* const each : {&own.loaded, &own.spare}) {
      magazine_type& left = *get(*each);
      if constexpr (Checked) {
        uint32_t good = 0;
        const uint32_t count = get(left.count);
        for (uint32_t i = 0; i < count; ++i) {
          const block kept = left.blocks()[i];
          if (get(*kept.state) == left.cached) {
            left.blocks()[good++] = kept;
          }
        }
        if (&left != &none_) {
          set(left.count, good);
        }
      }
      give_back(c, left);
    }
  }
}

// --- everything

template <bool Checked>
template <class Each>
void cache_store<Checked>::for_each_magazine(Each each) const noexcept {
  for (unsigned c = 0; c < shape_->count; ++c) {
    for (part* one = parts_.all(); one != nullptr; one = one->next) {
      each(c, *get(one->pairs()[c].loaded));
      each(c, *get(one->pairs()[c].spare));
    }
    for (magazine_type* one = depots_[c].full; one != nullptr; one = one->next) {
      each(c, *one);
    }
  }
}

template <bool Checked>
void cache_store<Checked>::give_back_of_all() noexcept {
  const guard held(lock_);
  for (part* each = parts_.all(); each != nullptr; each = each->next) {
    give_all_back(each);
  }
  give_all_back(nullptr);
}

template <bool Checked>
void cache_store<Checked>::forget_all() noexcept {
  parts_.close();
  const guard held(lock_);
  for (unsigned c = 0; c < shape_->count; ++c) {
    new (placement{&depots_[c]}) depot;
  }
  parts_.forget();
  parts_made_ = 0;
  next_magazine_ = first_magazine;
  states_.clear();
  memory_.release_all();
}

template <bool Checked>
bool cache_store<Checked>::has(part* mine, unsigned size_class) const noexcept {
  const depot& all = depots_[size_class];
  return all.full != nullptr || !all.inbox.empty() ||
         (mine != nullptr && (get(get(mine->pairs()[size_class].loaded)->count) != 0 ||
                              get(get(mine->pairs()[size_class].spare)->count) != 0));
}

template <bool Checked>
cache_counts cache_store<Checked>::counts() const noexcept {
  cache_counts sum;
  for (part* each = parts_.all(); each != nullptr; each = each->next) {
    sum.allocations += get(each->allocations);
    sum.misses += get(each->misses);
    sum.remote_frees += get(each->remote_frees);
    ++sum.threads;
  }
  sum.allocations += single_allocations_;
  sum.misses += single_allocations_;
  sum.remote_frees += get(single_remote_frees_);
  sum.queued_frees = get(queued_frees_);
  sum.depot_full = depot_full_;
  sum.depot_taken = depot_taken_;
  sum.late_refusals = get(late_refusals_);
  for_each_magazine([&](unsigned c, const magazine_type& kept) {
    const size_t blocks = get(kept.count);
    sum.cached_blocks += blocks;
    sum.cached_bytes += blocks * shape_->classes[c].size;
  });
  sum.metadata_bytes = memory_.bytes();
  return sum;
}

template <bool Checked>
status cache_store<Checked>::validate() const noexcept {
  bool good = true;
  size_t kept = 0;
  for_each_magazine([&](unsigned, magazine_type& one) {
    const uint32_t count = get(one.count);
    good = good && count <= one.capacity;
    if constexpr (Checked) {
      for (uint32_t i = 0; good && i < count; ++i) {
        const block& each = one.blocks()[i];
        good = states_.find(each.address) == each.state;
        kept += get(*each.state) == one.cached ? 1 : 0;
      }
    }
  });
  for (unsigned c = 0; c < shape_->count; ++c) {
    size_t full = 0;
    for (const magazine_type* one = depots_[c].full; one != nullptr; one = one->next) {
      ++full;
    }
    good = good && full == depots_[c].full_count;
  }
  if constexpr (Checked) {
    states_.for_each([&](const state_cell& cell) {
      const state_word state = get(cell);
      kept -= state >= (cached_bit | first_magazine) ? 1 : 0;
    });
  }
  return good && kept == 0 ? status::ok : status::corrupted;
}

template class cache_store<true>;
template class cache_store<false>;

}  // namespace acre::detail
