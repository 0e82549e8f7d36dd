// SPDX-License-Identifier: MIT
// Caches of many threads: blocks that are freed by others, threads that come and go, two that free the same block, and
// at the end of each nothing is lost. cache_ends_test has the rest.
#include <acre/mutex_lock.hpp>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "cache_kinds.hpp"
#include "support/fault_recorder.hpp"

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

TYPED_TEST(cache_threads, free_what_others_have_allocated) {
  constexpr unsigned threads = 6;
  constexpr unsigned rounds = 20000;
  TypeParam subject;
  auto& cache = subject.cache;
  exchange_blocks(
      threads, rounds, [] {}, subject.take(), subject.give());
  EXPECT_EQ(cache.counts().remote_frees > 0, TypeParam::checked);
  EXPECT_LE(cache.counts().threads, threads + 1);
  EXPECT_EQ(cache.counts().allocations, uint64_t{threads} * rounds);
  subject.expect_nothing_lost();
}

// Full magazines go back through the depot.
TYPED_TEST(cache_threads, pass_blocks_one_way_in_memory_that_does_not_grow) {
  TypeParam subject(size_t{256} << 10);
  pass_blocks_one_way(50000, subject.take(), subject.give());
  EXPECT_GT(subject.cache.counts().depot_taken, 0U);
  subject.expect_nothing_lost();
}

TEST(cache_threads_of, ten_thousand_threads_lose_nothing) {
  heap_region<> subject(size_t{1} << 20);
  auto& cache = subject.cache;
  const std::vector<void*> handed = hand_on_by_ten_thousand_threads(subject.take(), subject.give());
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

TEST(cache_threads_of, two_that_free_one_block_refuse_one) {
  const fault_recorder faults;
  heap_region<> subject;
  free_by_two_others(subject.take(), subject.give());
  subject.expect_nothing_lost();
}

// Refused now, or when it leaves a magazine.
TEST(cache_threads_of, holder_and_other_that_free_one_block_never_free_it_twice) {
  const fault_recorder faults;
  heap_region<> subject;
  auto& cache = subject.cache;
  const uint64_t both = free_by_holder_and_other(subject.take(), subject.give());
  cache.trim();
  EXPECT_EQ(both, cache.counts().late_refusals);
  EXPECT_EQ(cache.usage().blocks_in_use, 0U);
  EXPECT_EQ(subject.memory.usage().blocks_in_use, 0U);
  EXPECT_EQ(cache.validate(), status::ok);
}

TEST(cache_threads_of, holder_and_other_that_free_one_block_refuse_one_at_full) {
  const fault_recorder faults;
  heap_region<checks_full> subject;
  EXPECT_EQ(free_by_holder_and_other(subject.take(), subject.give()), 0U);
  subject.expect_nothing_lost();
}

}  // namespace
}  // namespace acre::test
