// SPDX-License-Identifier: MIT
// cache_store: frees that are not simple, and what is done where magazines are full.
#include <acre/port/detail/cache_store.hpp>

#include <acre/detail/poison.hpp>

namespace acre::inline ACRE_ABI::detail {

namespace {

/// ok iff the word says that the block is in use.
status told_by(state_word now, unsigned size_class) noexcept {
  return unheld(now) == live_state(size_class, 0) ? status::ok
         : now == 0                               ? status::foreign_pointer
         : (now & cached_bit) != 0                ? status::double_free
                                                  : status::wrong_size;
}

}  // namespace

/// Puts `wanted` into the word of a block that is in use, or says what it is.
template <bool Checked>
status cache_store<Checked>::claim(part* mine, unsigned size_class, state_cell& state,
                                   state_word wanted) noexcept {
  state_word now = get(state);
  if (const status found = told_by(now, size_class); found != status::ok) {
    return found;
  }
  const bool held = mine != nullptr && now == live_state(size_class, mine->number);
  if (held && !shape_->fill) {
    set(state, wanted);
    return status::ok;
  }
  if (!state.compare_exchange_strong(now, wanted, std::memory_order_relaxed)) {
    return status::double_free;  // somebody else came first
  }
  if (mine == nullptr) {
    single_remote_frees_.fetch_add(1, std::memory_order_relaxed);
  } else if (!held) {
    count(mine->remote_frees);
  }
  return status::ok;
}

template <bool Checked>
status cache_store<Checked>::free_slow(part* mine, unsigned size_class, void* address) noexcept {
  block freed{};
  freed.address = address;
  if constexpr (Checked) {
    freed.state = states_.find(address);
    if (freed.state == nullptr) {
      return status::foreign_pointer;
    }
    if (const status found = told_by(get(*freed.state), size_class); found != status::ok) {
      return found;
    }
  }
  if (mine == nullptr) {
    mine = attach();
  }
  magazine_type* const into = mine != nullptr && make_room(*mine, size_class)
                                  ? get(mine->pairs()[size_class].loaded)
                                  : nullptr;
  if constexpr (Checked) {
    const state_word wanted = into == nullptr ? inbox_state(size_class) : into->cached;
    if (const status found = claim(mine, size_class, *freed.state, wanted); found != status::ok) {
      return found;
    }
  }
  if (shape_->fill) {
    poison(address, 0, shape_->classes[size_class].size);
  }
  if (into == nullptr) {
    give_back_or_queue(size_class, freed);
  } else {
    const uint32_t count = get(into->count);
    into->blocks()[count] = freed;
    into->count.store(count + 1, std::memory_order_release);
  }
  return status::ok;
}

/// A block with the inbox's word.
template <bool Checked>
void cache_store<Checked>::give_back_or_queue(unsigned size_class, const block& freed) noexcept {
  if (!shape_->queues) {
    lock_.lock();
  } else if (!lock_.try_lock()) {
    queued_frees_.fetch_add(1, std::memory_order_relaxed);
    depots_[size_class].inbox.push(freed.address);
    return;
  }
  give_back_one(size_class, freed);
  lock_.unlock();
}

/// False iff the lock was taken, or there is no magazine to be had.
template <bool Checked>
bool cache_store<Checked>::make_room(part& mine, unsigned size_class) noexcept {
  typename part::pair& own = mine.pairs()[size_class];
  magazine_type* const loaded = get(own.loaded);
  if (get(loaded->count) < loaded->capacity) {
    return true;
  }
  magazine_type* const spare = get(own.spare);
  if (get(spare->count) < spare->capacity) {
    set(own.loaded, spare);
    set(own.spare, loaded);
    return true;
  }
  if (!shape_->queues) {
    lock_.lock();
  } else if (!lock_.try_lock()) {
    return false;
  }
  const bool made = make_room_locked(mine, size_class);
  lock_.unlock();
  return made;
}

// Both are full, or not there. The loaded one becomes the spare, since it has what is warm.
template <bool Checked>
bool cache_store<Checked>::make_room_locked(part& mine, unsigned size_class) noexcept {
  typename part::pair& own = mine.pairs()[size_class];
  magazine_type* const loaded = get(own.loaded);
  magazine_type* const spare = get(own.spare);
  if (spare != &none_) {
    store_away(size_class, *spare);
  }
  magazine_type* const fresh = empty_magazine(size_class);
  if (fresh == nullptr && loaded == &none_) {
    return false;
  }
  if (fresh == nullptr) {
    give_back(size_class, *loaded);
    set(own.spare, &none_);
    return true;
  }
  fresh->live = live_state(size_class, mine.number);
  set(own.spare, loaded);
  set(own.loaded, fresh);
  give_back_inbox(size_class, 2 * size_t{fresh->capacity});
  return true;
}

template class cache_store<true>;
template class cache_store<false>;

}  // namespace acre::detail
