// SPDX-License-Identifier: MIT
// crowd: sixteen threads of the host in one allocator, each of which writes to what it owns. The writes are
// plain, so that ThreadSanitizer sees it when two threads have a block at a time, or when one gets it
// without seeing that the last one is done.
#pragma once

#include <acre/layout.hpp>
#include <acre/status.hpp>

#include "support/rendezvous.hpp"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace acre::test::stress {

inline constexpr unsigned threads = 16;
inline constexpr size_t block_size = 32;
inline constexpr layout request{block_size, alignof(void*)};

/// How long one test runs: with ACRE_TEST_DEEP in the environment, longer.
inline std::chrono::milliseconds duration() noexcept {
  return std::chrono::milliseconds(getenv("ACRE_TEST_DEEP") != nullptr ? 8000 : 300);
}

/// What happened, of all threads.
struct events {
  std::atomic<uint64_t> rounds{0};
  std::atomic<uint64_t> exhausted{0};
  std::atomic<uint64_t> failures{0};
};

/// What the owner of a block writes into it, and finds there until it gives it back.
inline void stamp(void* block, uint32_t mark) noexcept {
  auto* const words = static_cast<uint32_t*>(block);
  for (size_t i = 0; i < block_size / sizeof(uint32_t); ++i) {
    words[i] = mark;
  }
}
/// Not of the first word, if `from` is sizeof(void*): while a block waits for its owner that is a link.
inline bool is_stamped(const void* block, uint32_t mark, size_t from = 0) noexcept {
  const auto* const words = static_cast<const uint32_t*>(block);
  bool intact = true;
  for (size_t i = from / sizeof(uint32_t); i < block_size / sizeof(uint32_t); ++i) {
    intact = intact && words[i] == mark;
  }
  return intact;
}

/// The number of the calling thread, 0 to threads - 1.
inline thread_local unsigned this_thread = 0;

/// Runs body(events, stop) in all threads at once, and sets `stop` when the time is over.
template <class Body>
void run_crowd(events& seen, Body&& body) {
  std::atomic<bool> stop{false};
  rendezvous together(threads + 1);
  std::vector<std::thread> crowd;
  for (unsigned t = 0; t < threads; ++t) {
    crowd.emplace_back([&, t] {
      this_thread = t;
      together.arrive_and_wait();
      body(seen, stop);
    });
  }
  together.arrive_and_wait();
  std::this_thread::sleep_for(duration());
  stop = true;
  for (std::thread& t : crowd) {
    t.join();
  }
}

/// Takes one to four blocks, keeps them for a while, and gives them back, until `stop`.
template <class Allocator>
void use(Allocator& allocator, events& seen, const std::atomic<bool>& stop) {
  constexpr size_t held_max = 4;
  uint32_t round = 0;
  for (; !stop.load(std::memory_order_relaxed); ++round) {
    const uint32_t mark = this_thread << 24 | (round & 0xFF'FFFF);
    void* held[held_max];
    size_t count = 0;
    for (; count < 1 + round % held_max; ++count) {
      held[count] = allocator.allocate(request);
      if (held[count] == nullptr) {
        ++seen.exhausted;
        break;
      }
      stamp(held[count], mark);
    }
    if (round % 64 == 0) {
      std::this_thread::yield();  // with blocks in hand
    }
    while (count > 0) {
      void* const block = held[--count];
      if (!is_stamped(block, mark) || allocator.deallocate(block, request) != status::ok) {
        ++seen.failures;
      }
    }
  }
  seen.rounds += round;
}

}  // namespace acre::test::stress
