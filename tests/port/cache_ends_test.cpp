// SPDX-License-Identifier: MIT
// Caches where something ends: a fixed region, whose blocks other threads keep; a thread, whose destructors
// still allocate; the threads of a process that is forked.
#include <thread>
#include <vector>

#include "cache_kinds.hpp"
#include "port/ending_threads.hpp"

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

TEST(cache_ends, destructors_of_a_thread_may_allocate) {
  heap_region<> subject;
  allocate_in_destructors(subject.take(), subject.give(),
                          [&] { return subject.cache.usage().blocks_in_use; });
  subject.expect_nothing_lost();
}

#if !defined(_WIN32)

TEST(cache_ends, destructors_behind_the_hook_may_allocate) {
  heap_region<> subject;
  allocate_behind_the_hook(subject.take(), subject.give());
  subject.expect_nothing_lost();
}

template <class Region>
void fork_cache_among_threads() {
  Region subject(size_t{256} << 10);
  auto& cache = subject.cache;
  fork_among_threads(subject.take(), subject.give(), [&](auto give_all) {
    bool good = give_all();
    // What each of the others had in its hands, and one on its way to a magazine.
    cache.trim();
    good = good && subject.memory.usage().blocks_in_use <= 3 * forked_among;
    good = good && subject.memory.validate() == status::ok;
    std::vector<void*> blocks;
    while (void* const block = cache.allocate(wanted)) {
      blocks.push_back(block);
    }
    good = good && blocks.size() > 2500;
    for (void* const block : blocks) {
      good = good && cache.deallocate(block, wanted) == status::ok;
    }
    return good && cache.counts().late_refusals == 0;
  });
  subject.expect_nothing_lost();
}

TEST(cache_ends, a_forked_child_may_allocate_and_free) {
  fork_cache_among_threads<heap_region<checks_basic>>();
}
TEST(cache_ends, a_forked_child_may_allocate_and_free_at_full) {
  fork_cache_among_threads<heap_region<checks_full>>();
}
TEST(cache_ends, a_forked_child_may_allocate_and_free_without_checks) {
  fork_cache_among_threads<heap_region<checks_none>>();
}

#endif

}  // namespace
}  // namespace acre::test
