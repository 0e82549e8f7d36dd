// SPDX-License-Identifier: MIT
// mutex_lock: a mutex of the operating system as a lock policy.
#pragma once

#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/meta.hpp>

namespace acre::inline ACRE_ABI {

/// What can be locked and unlocked: std::mutex, or a wrapper of an RTOS's.
template <class M>
concept basic_lockable = requires(M& m) {
  m.lock();
  m.unlock();
};

/// A context says who and where the caller is: `static bool in_interrupt() noexcept`, and
/// `static uintptr_t token() noexcept`, a number of the thread that is never 0.
template <class C>
concept thread_context = requires {
  { C::in_interrupt() }
  noexcept->detail::same_as<bool>;
  { C::token() }
  noexcept->detail::same_as<uintptr_t>;
};

/// Knows nothing: mutex_lock then trusts its callers.
struct no_context {};

/// Threads wait for each other in the mutex, whose order and priorities it has. Not for interrupts, and
/// not recursive. A mutex that fails to lock by an exception ends the program.
///
/// With a `Context` (`platform::context`, or one over the RTOS) check level full refuses a call from an
/// interrupt, and one by the thread that holds the mutex, such as a fault hook's; without one the first is
/// undefined, and the second waits for ever. The context costs two stores a call and a word.
///
/// Example: `acre::heap<65536, acre::policies<acre::mutex_lock<std::mutex>>>`.
template <basic_lockable Mutex, class Context = no_context>
class mutex_lock {
 public:
  void lock() noexcept {
    mutex_.lock();
  }
  void unlock() noexcept {
    mutex_.unlock();
  }

 private:
  Mutex mutex_;
};

template <basic_lockable Mutex, thread_context Context>
class mutex_lock<Mutex, Context> {
 public:
  void lock() noexcept {
    mutex_.lock();
    __atomic_store_n(&holder_, Context::token(), __ATOMIC_RELAXED);
  }
  void unlock() noexcept {
    __atomic_store_n(&holder_, uintptr_t{0}, __ATOMIC_RELAXED);
    mutex_.unlock();
  }
  /// Not in an interrupt, and not while this thread holds it. Relaxed: what a thread wrote it sees, and
  /// no other writes its number.
  [[nodiscard]] bool may_lock() const noexcept {
    return !Context::in_interrupt() &&
           __atomic_load_n(&holder_, __ATOMIC_RELAXED) != Context::token();
  }

 private:
  Mutex mutex_;
  uintptr_t holder_ = 0;
};

}  // namespace acre
