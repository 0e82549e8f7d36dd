// SPDX-License-Identifier: MIT
// What thread_slot needs of the operating system, and what it offers to it: thread_posix.cpp and
// thread_windows.cpp are the two halves.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/port/thread_slot.hpp>

namespace acre::inline ACRE_ABI::port::detail {

// --- of the system

/// Has end_thread() called for each thread with values, and, where there is fork, the two below. Under the
/// lock, once.
[[nodiscard]] bool install_hooks() noexcept;
/// False where this code stays as long as the process: then its hooks do, too.
[[nodiscard]] bool can_be_unloaded() noexcept;
/// Not under the lock: on Windows it ends the threads' values, here and now.
void remove_hooks() noexcept;
/// Gives back the memory of arrays, when no thread has one any more. Under the lock.
void release_arrays() noexcept;

/// This thread's array; null if it has none.
[[nodiscard]] thread_values* find_values() noexcept;
/// Makes one whose end will be seen. Null iff it can't, or this thread's has ended. Under the lock, which
/// links it.
[[nodiscard]] thread_values* make_values() noexcept;
/// Takes back the array of a thread that has ended. Under the lock.
void discard_values(thread_values& gone) noexcept;

// --- for the system

void end_thread(thread_values& gone) noexcept;
void before_fork() noexcept;
void after_fork(thread_values* mine, bool in_child) noexcept;

}  // namespace acre::port::detail
