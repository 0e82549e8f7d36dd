// SPDX-License-Identifier: MIT
#include <acre/port/os_mutex.hpp>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#endif

namespace acre::inline ACRE_ABI::port {

#if defined(_WIN32)

static_assert(sizeof(SRWLOCK) == sizeof(void*));

void os_mutex::lock() noexcept {
  AcquireSRWLockExclusive(reinterpret_cast<SRWLOCK*>(&srwlock_));
}
void os_mutex::unlock() noexcept {
  ReleaseSRWLockExclusive(reinterpret_cast<SRWLOCK*>(&srwlock_));
}
bool os_mutex::try_lock() noexcept {
  return TryAcquireSRWLockExclusive(reinterpret_cast<SRWLOCK*>(&srwlock_)) != 0;
}

#else

// A plain mutex that is used as the class says fails in no call.
void os_mutex::lock() noexcept {
  pthread_mutex_lock(&mutex_);
}
void os_mutex::unlock() noexcept {
  pthread_mutex_unlock(&mutex_);
}
bool os_mutex::try_lock() noexcept {
  return pthread_mutex_trylock(&mutex_) == 0;
}

#endif

}  // namespace acre::port
