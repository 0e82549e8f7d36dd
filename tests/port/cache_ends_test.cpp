// SPDX-License-Identifier: MIT
// Caches where something ends: a fixed region, whose blocks other threads keep; a thread, whose destructors
// still allocate; the threads of a process that is forked.
#include <atomic>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "cache_kinds.hpp"

namespace acre::test {
namespace {

// What a thread keeps is out of the others' reach until it flushes or ends.
TEST(cache_ends, an_exhausted_region_serves_others_when_a_thread_flushes) {
  cached_region<pool<block_size, unlocked<checks_basic>>> subject(32 * 1024);
  auto& cache = subject.cache;
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
  ASSERT_NE(subject.memory.largest_free(), 0U);
  const size_t all = take_all();
  cache.trim();
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

TEST(cache_ends, destructors_of_a_thread_may_allocate) {
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
TEST(cache_ends, destructors_behind_the_hook_may_allocate) {
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

TEST(cache_ends, a_forked_child_may_allocate_and_free) {
  fork_among_threads<heap_region<checks_basic>>();
}
TEST(cache_ends, a_forked_child_may_allocate_and_free_without_checks) {
  fork_among_threads<heap_region<checks_none>>();
}

#endif

}  // namespace
}  // namespace acre::test
