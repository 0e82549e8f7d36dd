// SPDX-License-Identifier: MIT
// syscall_count: how many system calls a piece of code makes, exactly; and which.
//
//   const syscall_tally seen = count_syscalls([](syscall_window& window) {
//     warm_up();
//     window.open();
//     hot_path();
//     window.close();
//   });
//   if (seen.unavailable != nullptr) { GTEST_SKIP() << seen.unavailable; }
//   EXPECT_EQ(seen.calls, 0U) << seen.first_calls();
//
// Linux: the kernel stops the thread at each call until its watcher, the calling thread, has counted it (seccomp's
// user notification, since Linux 5.5). So the count is the kernel's: what a library or the compiler's runtime
// calls is in it, and what the vDSO answers, such as the time, is not, because it is no system call.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>
#include <string>

namespace acre::test {

/// Calls are counted while it is open. For the watched thread; the threads that it starts are counted, too.
class syscall_window {
 public:
  void open() noexcept {
    open_.store(true, std::memory_order_release);
  }
  void close() noexcept {
    open_.store(false, std::memory_order_release);
  }
  [[nodiscard]] bool is_open() const noexcept {
    return open_.load(std::memory_order_acquire);
  }

 private:
  std::atomic<bool> open_{false};
};

struct syscall_tally {
  static constexpr size_t first_max = 16;

  /// Why nothing could be counted, and the body was not run; else null.
  const char* unavailable = nullptr;
  uint64_t calls = 0;
  /// The numbers of the first calls.
  long first[first_max] = {};

  /// For a message.
  [[nodiscard]] std::string first_calls() const {
    std::string text = "system calls by number:";
    for (size_t i = 0; i < first_max && i < calls; ++i) {
      text += " " + std::to_string(first[i]);
    }
    return text;
  }
};

/// Runs body(context, window) in a thread of its own, and watches it until it has ended.
syscall_tally count_syscalls(void (*body)(void* context, syscall_window& window), void* context);

template <class Body>
syscall_tally count_syscalls(Body&& body) {
  return count_syscalls(
      [](void* context, syscall_window& window) { (*static_cast<Body*>(context))(window); }, &body);
}

}  // namespace acre::test
