// SPDX-License-Identifier: MIT
// Caches of many threads: blocks that are freed by others, threads that come and go, a region that is too small, a
// fork in the middle, and at the end of each nothing is lost. The writes to blocks are plain, so that
// ThreadSanitizer sees two owners.
#include <acre/mutex_lock.hpp>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "cache_kinds.hpp"
#include "support/fault_recorder.hpp"
#include "support/random.hpp"
#include "support/rendezvous.hpp"

namespace acre::test {
namespace {

constexpr size_t block_size = 64;
constexpr layout wanted{block_size, 8};

void stamp(void* block, uint32_t mark) {
  auto* const words = static_cast<uint32_t*>(block);
  for (size_t i = 0; i < block_size / sizeof(uint32_t); ++i) {
    words[i] = mark;
  }
}
bool is_stamped(const void* block, uint32_t mark) {
  const auto* const words = static_cast<const uint32_t*>(block);
  bool intact = true;
  for (size_t i = 0; i < block_size / sizeof(uint32_t); ++i) {
    intact = intact && words[i] == mark;
  }
  return intact;
}

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

// What a thread keeps is out of the others' reach until it flushes or ends.
TEST(cache_threads_of, an_exhausted_region_serves_others_when_a_thread_flushes) {
  cached_region<pool<block_size, unlocked<checks_basic>>> subject(32 * 1024);
  auto& cache = subject.cache;
  const size_t all = subject.memory.largest_free() == 0 ? 0 : [&] {
    std::vector<void*> blocks;
    while (void* const block = cache.allocate(wanted)) {
      blocks.push_back(block);
    }
    for (void* const block : blocks) {
      EXPECT_EQ(cache.deallocate(block, wanted), status::ok);
    }
    return blocks.size();
  }();
  cache.trim();
  const auto take_all = [&] {
    std::vector<void*> blocks;
    while (void* const block = cache.allocate(wanted)) {
      blocks.push_back(block);
    }
    for (void* const block : blocks) {
      EXPECT_EQ(cache.deallocate(block, wanted), status::ok);
    }
    return blocks.size();
  };
  rendezvous together(2);
  std::thread other([&] {
    std::vector<void*> blocks;
    for (int i = 0; i < 150; ++i) {
      blocks.push_back(cache.allocate(wanted));
    }
    for (void* const block : blocks) {
      EXPECT_EQ(cache.deallocate(block, wanted), status::ok);
    }
    together.arrive_and_wait();  // keeps some
    together.arrive_and_wait();
    cache.flush();
    together.arrive_and_wait();  // keeps nothing
    together.arrive_and_wait();
    EXPECT_EQ(cache.deallocate(cache.allocate(wanted), wanted), status::ok);
  });
  together.arrive_and_wait();
  const size_t some = take_all();
  EXPECT_LT(some, all);
  EXPECT_GE(some + cache.kept_bytes_max(wanted) / block_size, all);
  together.arrive_and_wait();
  together.arrive_and_wait();
  EXPECT_EQ(take_all(), all);
  cache.trim();
  together.arrive_and_wait();
  other.join();
  EXPECT_EQ(take_all(), all) << "a thread that has ended keeps nothing";
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

struct late {
  heap_region<>::cache_type* cache = nullptr;
  void* block = nullptr;
  void** left_behind = nullptr;

  ~late() {
    EXPECT_EQ(cache->deallocate(block, wanted), status::ok);
    for (int i = 0; i < 1000; ++i) {
      void* const more = cache->allocate(wanted);
      EXPECT_NE(more, nullptr);
      stamp(more, 1);
      EXPECT_EQ(cache->deallocate(more, wanted), status::ok);
    }
    *left_behind = cache->allocate(wanted);
    EXPECT_NE(*left_behind, nullptr);
  }
};

TEST(cache_threads_of, destructors_of_a_thread_may_allocate) {
  heap_region<> subject;
  for (int i = 0; i < 20; ++i) {
    void* left = nullptr;
    std::thread([&] {
      thread_local late object;
      object.cache = &subject.cache;
      object.left_behind = &left;
      object.block = subject.cache.allocate(wanted);
    }).join();
    EXPECT_EQ(subject.cache.usage().blocks_in_use, 1U);
    EXPECT_EQ(subject.cache.deallocate(left, wanted), status::ok);
  }
  subject.expect_nothing_lost();
}

#if !defined(_WIN32)

// Behind the hook: destructors of keys that were made later run in the rounds that follow.
TEST(cache_threads_of, destructors_behind_the_hook_may_allocate) {
  static heap_region<>::cache_type* cache = nullptr;
  heap_region<> subject;
  cache = &subject.cache;
  ASSERT_EQ(cache->deallocate(cache->allocate(wanted), wanted),
            status::ok);  // makes the hook's key
  static pthread_key_t key;
  static std::atomic<int> calls{0};
  ASSERT_EQ(pthread_key_create(&key,
                               [](void* rounds) {
                                 void* const block = cache->allocate(wanted);
                                 EXPECT_NE(block, nullptr);
                                 EXPECT_EQ(cache->deallocate(block, wanted), status::ok);
                                 ++calls;
                                 if (rounds != nullptr && calls < 3) {
                                   pthread_setspecific(key, rounds);
                                 }
                               }),
            0);
  std::thread([&] {
    pthread_setspecific(key, &subject);
    EXPECT_EQ(cache->deallocate(cache->allocate(wanted), wanted), status::ok);
  }).join();
  EXPECT_EQ(calls, 3);
  pthread_key_delete(key);
  subject.expect_nothing_lost();
}

// Other threads are in the middle of anything when the process is forked; the child uses what they left.
template <class Region>
void fork_among_threads() {
  constexpr unsigned threads = 3;
  Region subject(size_t{256} << 10);
  auto& cache = subject.cache;
  std::atomic<bool> stop{false};
  std::vector<std::atomic<void*>> table(64);
  std::vector<std::thread> crowd;
  for (uint32_t t = 0; t < threads; ++t) {
    crowd.emplace_back([&, t] {
      test::random numbers(t + 1);
      while (!stop.load(std::memory_order_relaxed)) {
        void* block = cache.allocate(wanted);
        stamp(block, t);
        block = table[numbers.below(64)].exchange(block);
        if (block != nullptr) {
          static_cast<void>(cache.deallocate(block, wanted));
        }
      }
    });
  }
  void* const mine = cache.allocate(wanted);
  for (int i = 0; i < 20; ++i) {
    std::this_thread::yield();
    const pid_t child = fork();
    if (child == 0) {
      bool good = cache.deallocate(mine, wanted) == status::ok;
      for (std::atomic<void*>& place : table) {
        void* const block = place.load();
        good = good && (block == nullptr || cache.deallocate(block, wanted) == status::ok);
      }
      // What each of the others had in its hands: one taken, one exchanged, one on its way to a magazine.
      cache.trim();
      good = good && subject.memory.usage().blocks_in_use <= 3 * threads;
      good = good && subject.memory.validate() == status::ok;
      std::vector<void*> blocks;
      while (void* const block = cache.allocate(wanted)) {
        blocks.push_back(block);
      }
      good = good && blocks.size() > 2500;
      for (void* const block : blocks) {
        good = good && cache.deallocate(block, wanted) == status::ok;
      }
      good = good && cache.counts().late_refusals == 0;
      _exit(good ? 0 : 1);
    }
    int result = -1;
    ASSERT_EQ(waitpid(child, &result, 0), child);
    EXPECT_EQ(result, 0);
  }
  stop = true;
  for (std::thread& one : crowd) {
    one.join();
  }
  for (std::atomic<void*>& place : table) {
    EXPECT_EQ(cache.deallocate(place.load(), wanted), status::ok);
  }
  EXPECT_EQ(cache.deallocate(mine, wanted), status::ok);
  subject.expect_nothing_lost();
}

TEST(cache_threads_of, a_forked_child_may_allocate_and_free) {
  fork_among_threads<heap_region<checks_basic>>();
}
TEST(cache_threads_of, a_forked_child_may_allocate_and_free_without_checks) {
  fork_among_threads<heap_region<checks_none>>();
}

#endif

}  // namespace
}  // namespace acre::test
