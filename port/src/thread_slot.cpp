// SPDX-License-Identifier: MIT
// The threads of the process that have pointers, and the slots that are open.
//
// Order of locks: `lock` before any lock of a slot's owner. So hooks run under it, and nobody opens,
// closes or sets with a lock of his own held.
#include "thread_platform.hpp"

#include <acre/policies.hpp>
#include <acre/port/os_mutex.hpp>
#include <acre/port/thread_slot.hpp>

namespace acre::inline ACRE_ABI::port {
namespace {

using detail::slots_max;
using detail::thread_values;

struct open_slot {
  thread_hooks hooks;
  void* context;
  bool taken;
};

using guard = lock_guard<os_mutex>;

constinit os_mutex lock;
constinit open_slot slots[slots_max + 1] = {};
constinit thread_values* threads = nullptr;
constinit size_t thread_count = 0;
constinit bool prepared = false;
constinit bool unloaded = false;

void link(thread_values& mine) noexcept {
  mine.next = threads;
  if (threads != nullptr) {
    threads->previous = &mine;
  }
  threads = &mine;
  mine.state = thread_values::listed;
  ++thread_count;
}

void unlink(thread_values& gone) noexcept {
  (gone.previous == nullptr ? threads : gone.previous->next) = gone.next;
  if (gone.next != nullptr) {
    gone.next->previous = gone.previous;
  }
  gone.next = nullptr;
  gone.previous = nullptr;
  gone.state = thread_values::ended;
  --thread_count;
}

/// Under the lock, once: the hooks of the system.
bool prepare() noexcept {
  if (!prepared && !unloaded) {
    prepared = detail::install_hooks();
  }
  return prepared;
}

// The library is unloaded, or the process ends: the system must not call what is gone.
[[gnu::destructor]] void unload() noexcept {
  if (!detail::can_be_unloaded()) {
    return;
  }
  bool had_hooks = false;
  {
    const guard held(lock);
    had_hooks = prepared;
    prepared = false;
    unloaded = true;
  }
  if (had_hooks) {
    detail::remove_hooks();
    const guard held(lock);
    if (threads == nullptr) {
      detail::release_arrays();
    }
  }
}

}  // namespace

namespace detail {

void end_thread(thread_values& gone) noexcept {
  const guard held(lock);
  unlink(gone);
  for (size_t i = 1; i <= slots_max; ++i) {
    void* const value = gone.value[i];
    gone.value[i] = nullptr;
    if (value != nullptr) {
      slots[i].hooks.at_exit(slots[i].context, value);
    }
  }
  discard_values(gone);
}

void before_fork() noexcept {
  lock.lock();
  for (const open_slot& slot : slots) {
    if (slot.taken) {
      slot.hooks.before_fork(slot.context);
    }
  }
}

void after_fork(thread_values* mine, bool in_child) noexcept {
  if (in_child) {
    // The others are gone, and so is the memory in which their arrays were.
    const bool is_listed = mine != nullptr && mine->state == thread_values::listed;
    threads = nullptr;
    thread_count = 0;
    if (is_listed) {
      mine->previous = nullptr;
      link(*mine);
    }
  }
  for (size_t i = slots_max; i > 0; --i) {
    if (slots[i].taken) {
      slots[i].hooks.after_fork(slots[i].context, mine == nullptr ? nullptr : mine->value[i],
                                in_child);
    }
  }
  lock.unlock();
}

}  // namespace detail

bool thread_slot::open(const thread_hooks& hooks, void* context) noexcept {
  const guard held(lock);
  if (number_.load(std::memory_order_relaxed) != 0) {
    return true;
  }
  if (!prepare()) {
    return false;
  }
  for (size_t i = 1; i <= slots_max; ++i) {
    if (!slots[i].taken) {
      slots[i] = {hooks, context, true};
      number_.store(i, std::memory_order_relaxed);
      return true;
    }
  }
  return false;
}

void thread_slot::close() noexcept {
  const guard held(lock);
  const size_t number = number_.load(std::memory_order_relaxed);
  if (number == 0) {
    return;
  }
  for (thread_values* each = threads; each != nullptr; each = each->next) {
    each->value[number] = nullptr;
  }
  slots[number] = {};
  number_.store(0, std::memory_order_relaxed);
}

bool thread_slot::set(void* value) noexcept {
  const size_t number = number_.load(std::memory_order_relaxed);
  if (number == 0) {
    return false;
  }
  thread_values* mine = detail::find_values();
  if (mine == nullptr || mine->state != thread_values::listed) {
    const guard held(lock);
    mine = prepared ? detail::make_values() : nullptr;
    if (mine == nullptr) {
      return false;
    }
    link(*mine);
  }
  mine->value[number] = value;
  return true;
}

bool thread_slot::thread_has_ended() noexcept {
  const thread_values* const mine = detail::find_values();
  return mine != nullptr && mine->state == thread_values::ended;
}

size_t threads_listed() noexcept {
  const guard held(lock);
  return thread_count;
}

}  // namespace acre::port
