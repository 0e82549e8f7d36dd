// SPDX-License-Identifier: MIT
// thread_slot: one pointer for each thread, and a call when the thread ends.
//
// What thread_local and its destructors would do, without their allocations: __cxa_thread_atexit
// allocates, and so do the emulated thread_local of mingw-w64 and that of a shared library at its first use
// in a thread. Here each thread has one array of pointers, in static thread-local storage (ELF,
// initial-exec) or behind a TLS index (Windows), and one hook at its end: a pthread key, or FlsAlloc.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

#include <acre/detail/api.h>
#include <acre/config.hpp>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::port {

/// What the owner of a slot is told. `context` is the owner's; `value` is the calling thread's pointer, which
/// may be null in after_fork. None of them may call a member of a thread_slot.
struct thread_hooks {
  /// A thread ends whose pointer is not null. In that thread; its pointer is null already. On Windows, when
  /// a DLL is unloaded, for each thread in the thread that unloads.
  void (*at_exit)(void* context, void* value) noexcept;
  /// The process will be forked: take the locks that the child needs.
  void (*before_fork)(void* context) noexcept;
  /// It was; release them. In the child all other threads are gone, whatever they were doing.
  void (*after_fork)(void* context, void* value, bool in_child) noexcept;
};

namespace detail {

inline constexpr size_t slots_max = config::thread_slots;

/// A thread's pointers. Number 0 is nobody's and stays null, so that a slot that is not open needs no test.
struct thread_values {
  void* value[slots_max + 1] = {};
  thread_values* next = nullptr;  // of all threads, under the lock of thread_slot.cpp
  thread_values* previous = nullptr;
  enum : uint8_t { unknown, listed, ended } state = unknown;
};

#if defined(_WIN32)
/// The array of this thread; null if it has none.
[[nodiscard]] ACRE_API thread_values* find_values() noexcept;

[[nodiscard]] inline void* value_of_this_thread(size_t number) noexcept {
  thread_values* const mine = find_values();
  return mine == nullptr ? nullptr : mine->value[number];
}
#else
// initial-exec: one instruction to reach it, and no call that could allocate, in shared libraries too.
extern ACRE_API constinit thread_local thread_values values_of_this_thread
    __attribute__((tls_model("initial-exec")));

[[nodiscard]] inline void* value_of_this_thread(size_t number) noexcept {
  return values_of_this_thread.value[number];
}
#endif

}  // namespace detail

/// Constinit, and without a destructor to run: its owner closes it. config::thread_slots may be open at a
/// time, in all; each costs every thread a pointer.
///
/// Threads: get and set from any. Signal handlers: get only. A thread whose hooks have run has no pointers any more:
/// get answers null and set false, for the destructors that run later.
class ACRE_API thread_slot {
 public:
  constexpr thread_slot() noexcept = default;
  thread_slot(const thread_slot&) = delete;
  thread_slot& operator=(const thread_slot&) = delete;

  /// Makes the slot usable; does nothing if it is. False iff all are taken, or the system has no thread key left.
  [[nodiscard]] bool open(const thread_hooks& hooks, void* context) noexcept;

  /// Forgets the pointers of all threads, and the hooks, without calling them. No thread may be using what
  /// they point to. Waits for threads that are in the hook.
  void close() noexcept;

  /// This thread's pointer; null iff there is none. Two loads.
  [[nodiscard]] void* get() const noexcept {
    return detail::value_of_this_thread(number_.load(std::memory_order_relaxed));
  }

  /// Sets it. False, and nothing has changed, iff the slot is not open, this thread's hooks have run, or the
  /// system can't call them.
  [[nodiscard]] bool set(void* value) noexcept;

  /// True iff this thread's hooks have run, so that set would be false. Waits for nobody.
  [[nodiscard]] static bool thread_has_ended() noexcept;

 private:
  std::atomic<size_t> number_{0};
};

/// How many threads have a pointer in some slot, or had one: for tests.
[[nodiscard]] ACRE_API size_t threads_listed() noexcept;

}  // namespace acre::port
