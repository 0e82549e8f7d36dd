// SPDX-License-Identifier: MIT
// rendezvous: a point that some threads of the host pass together, again and again. What std::barrier is, whose
// wake-ups get lost on Windows: that of GCC 12 looks at the value before it takes the lock under which it sleeps.
#pragma once

#include <atomic>
#include <thread>

namespace acre::test {

class rendezvous {
 public:
  explicit rendezvous(unsigned threads) noexcept : threads_(threads) {}
  rendezvous(const rendezvous&) = delete;
  rendezvous& operator=(const rendezvous&) = delete;

  /// Returns when all have called it.
  void arrive_and_wait() noexcept {
    const unsigned phase = phase_;
    if (++arrived_ == threads_) {
      arrived_ = 0;
      ++phase_;
    }
    while (phase_ == phase) {
      std::this_thread::yield();
    }
  }

 private:
  const unsigned threads_;
  std::atomic<unsigned> arrived_{0};
  std::atomic<unsigned> phase_{0};
};

}  // namespace acre::test
