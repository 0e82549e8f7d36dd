// SPDX-License-Identifier: MIT
// meeting: threads that wait for each other. Not std::barrier: that of libstdc++ 12 loses wake-ups over mingw-w64,
// and then a test waits for ever.
#pragma once

#include <atomic>
#include <thread>

namespace acre::test {

class meeting {
 public:
  explicit meeting(unsigned threads) noexcept : threads_(threads) {}

  /// Returns when as many have called; then it begins anew.
  void arrive_and_wait() noexcept {
    const unsigned round = round_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      return;
    }
    while (round_.load(std::memory_order_acquire) == round) {
      std::this_thread::yield();
    }
  }

 private:
  const unsigned threads_;
  std::atomic<unsigned> arrived_{0};
  std::atomic<unsigned> round_{0};
};

}  // namespace acre::test
