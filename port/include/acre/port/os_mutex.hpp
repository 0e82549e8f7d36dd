// SPDX-License-Identifier: MIT
// os_mutex: the operating system's mutex as a lock policy.
//
// Not std::mutex: over mingw-w64 that is winpthreads', which allocates its state at the first lock. This one
// never allocates, so an allocator can stand on it; and it can be tried.
#pragma once

#if !defined(_WIN32)
#include <pthread.h>
#endif

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::port {

/// pthread_mutex_t, or SRWLOCK on Windows. Constinit, without a destructor to run. Not recursive. Not for
/// signal handlers.
class ACRE_API os_mutex {
 public:
  constexpr os_mutex() noexcept = default;
  os_mutex(const os_mutex&) = delete;
  os_mutex& operator=(const os_mutex&) = delete;

  void lock() noexcept;
  void unlock() noexcept;
  /// True iff it is now the caller's. Waits for nobody.
  [[nodiscard]] bool try_lock() noexcept;

 private:
#if defined(_WIN32)
  void* srwlock_ = nullptr;  // what SRWLOCK_INIT is, without <windows.h>
#else
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
#endif
};

}  // namespace acre::port
