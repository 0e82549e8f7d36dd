// SPDX-License-Identifier: MIT
// What threads do to each other's blocks, for any allocator of a process: `take` answers a block of block_size
// bytes, `give` a status. The writes to blocks are plain, so that ThreadSanitizer sees two owners.
#pragma once

#include <gtest/gtest.h>

#include <stddef.h>
#include <stdint.h>

#include <acre/status.hpp>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "support/random.hpp"
#include "support/rendezvous.hpp"

namespace acre::test {

inline constexpr size_t block_size = 64;

inline void stamp(void* block, uint32_t mark) {
  auto* const words = static_cast<uint32_t*>(block);
  for (size_t i = 0; i < block_size / sizeof(uint32_t); ++i) {
    words[i] = mark;
  }
}
inline bool is_stamped(const void* block, uint32_t mark) {
  const auto* const words = static_cast<const uint32_t*>(block);
  bool intact = true;
  for (size_t i = 0; i < block_size / sizeof(uint32_t); ++i) {
    intact = intact && words[i] == mark;
  }
  return intact;
}

/// Every block that a thread frees is another thread's: a table of places that all exchange. Each thread calls
/// ready() first, and waits for the others when it has a block: one that came later would take over what one that
/// has ended has left.
template <class Ready, class Take, class Give>
void exchange_blocks(unsigned threads, unsigned rounds, Ready ready, Take take, Give give) {
  constexpr size_t places = 512;
  std::vector<std::atomic<void*>> table(places);
  std::atomic<uint64_t> failures{0};
  const auto give_back = [&](void* block) {
    const uint32_t mark = *static_cast<uint32_t*>(block);
    failures += is_stamped(block, mark) && give(block) == status::ok ? 0 : 1;
  };
  rendezvous together(threads);
  std::vector<std::thread> crowd;
  for (unsigned t = 0; t < threads; ++t) {
    crowd.emplace_back([&, t] {
      test::random numbers(t + 1);
      ready();
      for (unsigned round = 0; round < rounds; ++round) {
        if (round == 1) {
          together.arrive_and_wait();
        }
        void* block = take();
        if (block == nullptr) {
          ++failures;
          continue;
        }
        stamp(block, t << 24 | round);
        block = table[numbers.below(places)].exchange(block, std::memory_order_acq_rel);
        if (block != nullptr) {
          give_back(block);
        }
      }
    });
  }
  for (std::thread& one : crowd) {
    one.join();
  }
  for (std::atomic<void*>& place : table) {
    if (void* const block = place.load()) {
      give_back(block);
    }
  }
  EXPECT_EQ(failures, 0U);
}

/// This thread allocates, another one frees.
template <class Take, class Give>
void pass_blocks_one_way(size_t blocks, Take take, Give give) {
  constexpr size_t ring_size = 256;
  std::vector<std::atomic<void*>> ring(ring_size);
  std::atomic<uint64_t> failures{0};
  std::thread consumer([&] {
    for (size_t i = 0; i < blocks; ++i) {
      void* block = nullptr;
      while ((block = ring[i % ring_size].exchange(nullptr, std::memory_order_acquire)) ==
             nullptr) {
        std::this_thread::yield();
      }
      failures += is_stamped(block, static_cast<uint32_t>(i)) ? 0 : 1;
      failures += give(block) == status::ok ? 0 : 1;
    }
  });
  for (size_t i = 0; i < blocks; ++i) {
    void* const block = take();
    ASSERT_NE(block, nullptr);
    stamp(block, static_cast<uint32_t>(i));
    while (ring[i % ring_size].load(std::memory_order_relaxed) != nullptr) {
      std::this_thread::yield();
    }
    ring[i % ring_size].store(block, std::memory_order_release);
  }
  consumer.join();
  EXPECT_EQ(failures, 0U);
}

/// 10,000 threads, each of which frees what one before it has allocated, and leaves as much. The last one's
/// blocks are the answer.
template <class Take, class Give>
std::vector<void*> hand_on_by_ten_thousand_threads(Take take, Give give) {
  constexpr int rounds = 2500;
  constexpr size_t each = 20;
  std::mutex lock;
  std::vector<void*> handed;
  std::atomic<int> failures{0};
  for (int round = 0; round < rounds; ++round) {
    std::thread four[4];
    for (std::thread& one : four) {
      one = std::thread([&] {
        void* mine[each];
        for (void*& block : mine) {
          block = take();
          failures += block == nullptr ? 1 : 0;
          stamp(block, 77);
        }
        std::vector<void*> others;
        {
          const std::lock_guard held(lock);
          others.swap(handed);
          handed.assign(mine, mine + each);
        }
        for (void* const block : others) {
          failures += is_stamped(block, 77) && give(block) == status::ok ? 0 : 1;
        }
      });
    }
    for (std::thread& one : four) {
      one.join();
    }
  }
  EXPECT_EQ(failures, 0);
  return handed;
}

/// Threads that free the same block at the same time, round after round.
struct simultaneous_frees {
  static constexpr int rounds = 3000;

  explicit simultaneous_frees(unsigned threads) : together(threads) {}

  /// What each of them does.
  template <class Give>
  void free_in_each_round(Give give) {
    for (int round = 0; round < rounds; ++round) {
      together.arrive_and_wait();
      accepted += give(block) == status::ok ? 1 : 0;
      together.arrive_and_wait();
    }
  }

  rendezvous together;
  void* block = nullptr;
  std::atomic<int> accepted{0};
};

/// Of two threads that free this thread's block at once, one is refused.
template <class Take, class Give>
void free_by_two_others(Take take, Give give) {
  simultaneous_frees all(3);
  const auto others = [&] { all.free_in_each_round(give); };
  std::thread first(others);
  std::thread second(others);
  int wrong = 0;
  for (int round = 0; round < all.rounds; ++round) {
    all.block = take();
    all.accepted = 0;
    all.together.arrive_and_wait();
    all.together.arrive_and_wait();
    wrong += all.accepted == 1 ? 0 : 1;
  }
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0);
}

/// The thread that allocated a block and another one free it at once. How often both were told ok.
template <class Take, class Give>
uint64_t free_by_holder_and_other(Take take, Give give) {
  simultaneous_frees all(2);
  std::thread other([&] { all.free_in_each_round(give); });
  int freed = 0;
  for (int round = 0; round < all.rounds; ++round) {
    all.block = take();
    all.together.arrive_and_wait();
    all.accepted += give(all.block) == status::ok ? 1 : 0;
    all.together.arrive_and_wait();
    freed += all.accepted.exchange(0);
  }
  other.join();
  return static_cast<uint64_t>(freed - all.rounds);
}

}  // namespace acre::test
