// SPDX-License-Identifier: MIT
// process_lock: a mutex that costs a process with one thread next to nothing.
#pragma once

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define ACRE_SINGLE_THREADED __libc_single_threaded
#else
#define ACRE_SINGLE_THREADED 0
#endif

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/port/os_mutex.hpp>

namespace acre::inline ACRE_ABI {

/// For allocators that all threads of a process may share. The C library says whether there is a second
/// thread (glibc 2.32 and later do; elsewhere it is always a mutex). Threads begin and end outside of
/// allocators, so what lock() found holds until unlock(). Not recursive, and not for signal handlers. A
/// process that forks while another thread holds it leaves it held in the child.
class process_lock {
 public:
  /// True iff the mutex was taken.
  [[nodiscard]] bool lock() noexcept {
    const bool shared = ACRE_SINGLE_THREADED == 0;
    if (shared) {
      mutex_.lock();
    }
    return shared;
  }
  void unlock(bool taken) noexcept {
    if (taken) {
      mutex_.unlock();
    }
  }

 private:
  port::os_mutex mutex_;
};

#undef ACRE_SINGLE_THREADED

static_assert(state_lock<process_lock>);

}  // namespace acre
