// SPDX-License-Identifier: MIT
// Caches of many threads: blocks that are freed by others, threads that come and go, two that free the same block, and
// at the end of each nothing is lost. The writes to blocks are plain, so that ThreadSanitizer sees two owners.
// cache_ends_test has the rest.
#include <acre/mutex_lock.hpp>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "cache_kinds.hpp"
#include "support/fault_recorder.hpp"
#include "support/random.hpp"
#include "support/rendezvous.hpp"

namespace acre::test {
namespace {

template <class Region>
class cache_threads : public ::testing::Test {};
// The first with magazines of a block: every other call goes to the depot.
using kinds = ::testing::Types<
    cached_region<pool<block_size, unlocked<checks_basic>>, hosted::cache_limits{64, 2}>,
    heap_region<checks_none>, heap_region<checks_basic>, heap_region<checks_full>,
    cached_region<lockfree_pool<block_size, checks_basic>>,
    cached_region<heap<(size_t{8} << 20), policies<mutex_lock<std::mutex>, checks_basic>>>,
    cached_region<slab<large_size_classes, unlocked<checks_basic>, 4096>>>;
TYPED_TEST_SUITE(cache_threads, kinds);

// Every block that a thread frees is another thread's: a table of places that all exchange.
TYPED_TEST(cache_threads, free_what_others_have_allocated) {
  constexpr unsigned threads = 6;
  constexpr unsigned rounds = 20000;
  constexpr size_t places = 512;
  TypeParam subject;
  auto& cache = subject.cache;
  std::vector<std::atomic<void*>> table(places);
  std::atomic<uint64_t> failures{0};
  const auto give_back = [&](void* block) {
    const uint32_t mark = *static_cast<uint32_t*>(block);
    failures += is_stamped(block, mark) && cache.deallocate(block, wanted) == status::ok ? 0 : 1;
  };
  std::vector<std::thread> crowd;
  rendezvous together(threads);  // or one takes the magazines of another that is ready
  for (unsigned t = 0; t < threads; ++t) {
    crowd.emplace_back([&, t] {
      test::random numbers(t + 1);
      for (unsigned round = 0; round < rounds; ++round) {
        if (round == 1) {
          together.arrive_and_wait();
        }
        void* block = cache.allocate(wanted);
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
  EXPECT_EQ(cache.counts().remote_frees > 0, TypeParam::checked);
  EXPECT_LE(cache.counts().threads, threads + 1);
  EXPECT_EQ(cache.counts().allocations, uint64_t{threads} * rounds);
  subject.expect_nothing_lost();
}

// One thread allocates, another one frees: full magazines go back through the depot.
TYPED_TEST(cache_threads, pass_blocks_one_way_in_memory_that_does_not_grow) {
  constexpr size_t ring_size = 256;
  constexpr size_t blocks = 50000;
  TypeParam subject(size_t{256} << 10);
  auto& cache = subject.cache;
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
      failures += cache.deallocate(block, wanted) == status::ok ? 0 : 1;
    }
  });
  for (size_t i = 0; i < blocks; ++i) {
    void* const block = cache.allocate(wanted);
    ASSERT_NE(block, nullptr);
    stamp(block, static_cast<uint32_t>(i));
    while (ring[i % ring_size].load(std::memory_order_relaxed) != nullptr) {
      std::this_thread::yield();
    }
    ring[i % ring_size].store(block, std::memory_order_release);
  }
  consumer.join();
  EXPECT_EQ(failures, 0U);
  EXPECT_GT(cache.counts().depot_taken, 0U);
  subject.expect_nothing_lost();
}

// 10,000 threads, each of which frees what one before it has allocated, and leaves as much.
TEST(cache_threads_of, ten_thousand_threads_lose_nothing) {
  constexpr int rounds = 2500;
  constexpr size_t each = 20;
  heap_region<> subject(size_t{1} << 20);
  auto& cache = subject.cache;
  std::mutex lock;
  std::vector<void*> handed;
  std::atomic<int> failures{0};
  for (int round = 0; round < rounds; ++round) {
    std::thread four[4];
    for (std::thread& one : four) {
      one = std::thread([&] {
        void* mine[each];
        for (void*& block : mine) {
          block = cache.allocate(wanted);
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
          failures +=
              is_stamped(block, 77) && cache.deallocate(block, wanted) == status::ok ? 0 : 1;
        }
      });
    }
    for (std::thread& one : four) {
      one.join();
    }
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(cache.usage().blocks_in_use, handed.size());
  EXPECT_LE(cache.counts().threads, 4U) << "a thread takes the magazines of one that has ended";
  EXPECT_EQ(cache.counts().metadata_bytes, cache.source().bytes_out());
  EXPECT_LE(cache.source().regions_out(), 5U) << "words for the region, and a few magazines";
  for (void* const block : handed) {
    EXPECT_EQ(cache.deallocate(block, wanted), status::ok);
  }
  subject.expect_nothing_lost();
}

/// A heap whose calls last as long as a test wants.
struct slow_lock {
  static inline std::atomic<int> held{0};
  static inline std::atomic<bool> waits{false};

  void lock() noexcept {
    held = 1;
    while (waits) {
      std::this_thread::yield();
    }
  }
  void unlock() noexcept {
    held = 0;
  }
};

// While the lock is held as long as it takes, another thread frees all that it has.
TEST(cache_threads_of, a_free_waits_for_nobody) {
  cached_region<heap<(size_t{8} << 20), policies<slow_lock, checks_basic, no_observer>>> subject;
  auto& cache = subject.cache;
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) {
    blocks.push_back(cache.allocate(wanted));
  }
  slow_lock::waits = true;
  std::thread holder([&] {
    EXPECT_EQ(cache.deallocate(cache.allocate({9000, 8}), {9000, 8}), status::ok);
  });
  while (slow_lock::held == 0) {
    std::this_thread::yield();
  }
  for (void* const block : blocks) {
    stamp(block, 5);
    EXPECT_EQ(cache.deallocate(block, wanted), status::ok);
  }
  slow_lock::waits = false;
  holder.join();
  EXPECT_GT(cache.counts().queued_frees, 0U);
  const fault_recorder faults;
  EXPECT_EQ(cache.deallocate(blocks.back(), wanted), status::double_free);
  subject.cache.trim();
  EXPECT_EQ(subject.memory.usage().blocks_in_use, 0U);
  subject.expect_nothing_lost();
}

// Of two threads that free another's block, one is refused.
TEST(cache_threads_of, two_that_free_one_block_refuse_one) {
  static constexpr int rounds = 3000;
  const fault_recorder faults;
  heap_region<> subject;
  auto& cache = subject.cache;
  void* block = nullptr;
  std::atomic<int> accepted{0};
  rendezvous together(3);
  const auto others = [&] {
    for (int round = 0; round < rounds; ++round) {
      together.arrive_and_wait();
      accepted += cache.deallocate(block, wanted) == status::ok ? 1 : 0;
      together.arrive_and_wait();
    }
  };
  std::thread first(others);
  std::thread second(others);
  int wrong = 0;
  for (int round = 0; round < rounds; ++round) {
    block = cache.allocate(wanted);
    accepted = 0;
    together.arrive_and_wait();
    together.arrive_and_wait();
    wrong += accepted == 1 ? 0 : 1;
  }
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0);
  subject.expect_nothing_lost();
}

// The thread that allocated it and another one at once: refused now or when it leaves a magazine.
TEST(cache_threads_of, holder_and_other_that_free_one_block_never_free_it_twice) {
  static constexpr int rounds = 3000;
  const fault_recorder faults;
  heap_region<> subject;
  auto& cache = subject.cache;
  void* block = nullptr;
  std::atomic<int> accepted{0};
  rendezvous together(2);
  std::thread other([&] {
    for (int round = 0; round < rounds; ++round) {
      together.arrive_and_wait();
      accepted += cache.deallocate(block, wanted) == status::ok ? 1 : 0;
      together.arrive_and_wait();
    }
  });
  int freed = 0;
  for (int round = 0; round < rounds; ++round) {
    block = cache.allocate(wanted);
    together.arrive_and_wait();
    accepted += cache.deallocate(block, wanted) == status::ok ? 1 : 0;
    together.arrive_and_wait();
    freed += accepted.exchange(0);
  }
  other.join();
  cache.trim();
  EXPECT_EQ(static_cast<uint64_t>(freed - rounds), cache.counts().late_refusals);
  EXPECT_EQ(cache.usage().blocks_in_use, 0U);
  EXPECT_EQ(subject.memory.usage().blocks_in_use, 0U);
  EXPECT_EQ(cache.validate(), status::ok);
}

}  // namespace
}  // namespace acre::test
