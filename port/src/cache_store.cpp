// SPDX-License-Identifier: MIT
// cache_store: magazines, and allocations that find nothing in theirs.
#include <acre/port/detail/cache_store.hpp>

#include <acre/detail/meta.hpp>
#include <acre/detail/placement.hpp>
#include <acre/detail/poison.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::detail {

template <bool Checked>
constinit magazine<Checked> cache_store<Checked>::none_;

template <bool Checked>
void cache_store<Checked>::refuse_late(const void* address) noexcept {
  late_refusals_.fetch_add(1, std::memory_order_relaxed);
  static_cast<void>(raise_misuse(status::double_free, address, this, nullptr));
}

// --- magazines

template <bool Checked>
auto cache_store<Checked>::attach() noexcept -> part* {
  return parts_.attach(lock_, hooks, this, [this] { return new_part(); });
}

template <bool Checked>
auto cache_store<Checked>::new_part() noexcept -> part* {
  if (parts_made_ == holders_max) {
    return nullptr;
  }
  void* const memory = memory_.take(sizeof(part) + shape_->count * sizeof(typename part::pair));
  if (memory == nullptr) {
    return nullptr;
  }
  auto* const fresh = new (placement{memory}) part{};
  fresh->number = ++parts_made_;
  for (unsigned c = 0; c < shape_->count; ++c) {
    new (placement{fresh->pairs() + c}) typename part::pair{&none_, &none_};
  }
  return fresh;
}

template <bool Checked>
auto cache_store<Checked>::empty_magazine(unsigned size_class) noexcept -> magazine_type* {
  depot& all = depots_[size_class];
  if (magazine_type* const found = all.empty; found != nullptr) {
    all.empty = found->next;
    return found;
  }
  if (next_magazine_ > last_magazine) {
    return nullptr;
  }
  const uint32_t capacity = shape_->classes[size_class].capacity;
  void* const memory = memory_.take(sizeof(magazine_type) + capacity * sizeof(block));
  if (memory == nullptr) {
    return nullptr;
  }
  auto* const fresh = new (placement{memory}) magazine_type{};
  fresh->capacity = capacity;
  fresh->cached = cached_bit | next_magazine_++;
  return fresh;
}

// --- allocation

template <bool Checked>
void* cache_store<Checked>::take(part& mine, unsigned size_class) noexcept {
  typename part::pair& own = mine.pairs()[size_class];
  for (int i = 0; i < 2; ++i) {
    magazine_type& loaded = *get(own.loaded);
    for (uint32_t left = get(loaded.count); left-- > 0;) {
      const block top = loaded.blocks()[left];
      if constexpr (Checked) {
        if (get(*top.state) != loaded.cached) {
          set(loaded.count, left);
          refuse_late(top.address);
          continue;
        }
        set(*top.state, loaded.live);
      }
      loaded.count.store(left, std::memory_order_release);
      return top.address;
    }
    // Twice, if the spare has nothing either: then all is as it was.
    set(own.loaded, get(own.spare));
    set(own.spare, &loaded);
  }
  return nullptr;
}

/// Into a magazine that is empty: half of what it holds, so that frees find room, too.
template <bool Checked>
void cache_store<Checked>::fill(unsigned size_class, magazine_type& into) noexcept {
  void* blocks[magazine_blocks_max];
  const layout each = shape_->each(size_class);
  const size_t count = calls_.take(each, blocks, max_of<size_t>(into.capacity / 2, 1));
  size_t kept = 0;
  for (; kept < count; ++kept) {
    block& place = into.blocks()[count - 1 - kept];  // the first that came is the first to go
    place.address = blocks[kept];
    if constexpr (Checked) {
      place.state = states_.at(blocks[kept], memory_);
      if (place.state == nullptr) {
        break;
      }
      set(*place.state, into.cached);
    }
    if (shape_->fill) {
      poison(blocks[kept], 0, each.size);
    }
  }
  if (kept != count) {
    calls_.give(each, blocks + kept, count - kept);
    for (size_t i = 0; i < kept; ++i) {
      into.blocks()[i] = into.blocks()[count - kept + i];
    }
  }
  set(into.count, static_cast<uint32_t>(kept));
}

/// From the inbox into a magazine.
template <bool Checked>
void cache_store<Checked>::collect(unsigned size_class, magazine_type& into) noexcept {
  uint32_t count = 0;
  block popped;
  while (count < into.capacity && pop_inbox(size_class, popped)) {
    if constexpr (Checked) {
      set(*popped.state, into.cached);
    }
    into.blocks()[count++] = popped;
  }
  set(into.count, count);
}

/// The loaded magazine has nothing, nor has the spare. True iff it has something now.
template <bool Checked>
bool cache_store<Checked>::refill(part& mine, unsigned size_class) noexcept {
  typename part::pair& own = mine.pairs()[size_class];
  magazine_type* loaded = get(own.loaded);
  const guard held(lock_);
  depot& all = depots_[size_class];
  magazine_type* const found = all.full;
  if (found != nullptr) {
    all.full = found->next;
    --all.full_count;
    ++depot_taken_;
    if (loaded != &none_) {
      store_away(size_class, *loaded);
    }
    loaded = found;
  } else if (loaded == &none_) {
    loaded = empty_magazine(size_class);
    if (loaded == nullptr) {
      return false;
    }
  }
  loaded->live = live_state(size_class, mine.number);
  set(own.loaded, loaded);
  if (found == nullptr) {
    collect(size_class, *loaded);
    if (get(loaded->count) == 0) {
      fill(size_class, *loaded);
    }
  }
  return get(loaded->count) != 0;
}

/// Under the lock, without a magazine.
template <bool Checked>
void* cache_store<Checked>::allocate_one(part* mine, unsigned size_class) noexcept {
  const layout each = shape_->each(size_class);
  void* address = nullptr;
  if (calls_.take(each, &address, 1) == 0) {
    give_all_back(mine);
    if (calls_.take(each, &address, 1) == 0) {
      return nullptr;
    }
  }
  if constexpr (Checked) {
    state_cell* const state = states_.at(address, memory_);
    if (state == nullptr) {
      calls_.give(each, &address, 1);
      return nullptr;
    }
    set(*state, live_state(size_class, mine == nullptr ? state_word{0} : mine->number));
  }
  if (shape_->fill) {
    poison(address, 0, each.size);
  }
  return address;
}

template <bool Checked>
void* cache_store<Checked>::allocate_slow(part* mine, unsigned size_class) noexcept {
  if (mine == nullptr) {
    mine = attach();
  }
  if (mine != nullptr) {
    count(mine->allocations);
    if (void* const found = take(*mine, size_class); found != nullptr) {
      return found;
    }
    count(mine->misses);
    while (refill(*mine, size_class)) {
      if (void* const found = take(*mine, size_class); found != nullptr) {
        return found;
      }
    }
  }
  // No magazine, because the thread is ending or the source has nothing, or no block.
  const guard held(lock_);
  single_allocations_ += mine == nullptr ? 1 : 0;
  return allocate_one(mine, size_class);
}

template class cache_store<true>;
template class cache_store<false>;

}  // namespace acre::detail
