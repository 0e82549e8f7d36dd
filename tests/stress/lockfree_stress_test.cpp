// SPDX-License-Identifier: MIT
// Sixteen threads in each lock-free allocator: no block has two owners, and none is lost.
#include <gtest/gtest.h>

#include "stress/crowd.hpp"
#include "support/report.hpp"

#include <acre/deferred.hpp>
#include <acre/lockfree_buckets.hpp>
#include <acre/lockfree_pool.hpp>
#include <acre/per_core_pool.hpp>
#include <acre/pool.hpp>

namespace acre::test::stress {
namespace {

constexpr size_t blocks = threads / 2;  // fewer than all want together

void expect_clean(const events& seen) {
  EXPECT_EQ(seen.failures, 0U);
  EXPECT_GT(seen.rounds, 0U);
  print_line("  ", seen.rounds.load(), " rounds, ", seen.exhausted.load(),
             " times no block was left");
}

template <class Allocator>
void expect_nothing_lost(Allocator& allocator, size_t bytes_free) {
  events seen;
  run_crowd(seen, [&](events& e, const std::atomic<bool>& stop) { use(allocator, e, stop); });
  expect_clean(seen);
  EXPECT_EQ(allocator.validate(), status::ok);
  EXPECT_EQ(allocator.usage().blocks_in_use, 0U);
  EXPECT_EQ(allocator.usage().bytes_free, bytes_free);
}

template <class Checks>
class lockfree_stress : public ::testing::Test {};
using levels = ::testing::Types<checks_none, checks_basic>;
TYPED_TEST_SUITE(lockfree_stress, levels);

TYPED_TEST(lockfree_stress, in_a_lockfree_pool) {
  using shared = lockfree_pool<block_size, TypeParam>;
  static_region<shared::required_bytes(blocks)> memory;
  shared pool;
  ASSERT_EQ(pool.init(memory), status::ok);
  expect_nothing_lost(pool, blocks * shared::block_bytes);
}

/// Each thread is a core of its own, which nobody else can run on.
struct thread_pin {
  [[nodiscard]] uint32_t core() const noexcept {
    return this_thread;
  }
};

TYPED_TEST(lockfree_stress, in_a_per_core_pool) {
  using shared = per_core_pool<block_size, threads, thread_pin, TypeParam, 3>;
  static_region<shared::required_bytes(blocks)> memory;
  shared pool;
  ASSERT_EQ(pool.init(memory), status::ok);
  expect_nothing_lost(pool, (blocks + shared::kept_by_others) * shared::block_bytes);
}

TEST(lockfree_stress_of, buckets) {
  using shared = lockfree_buckets<checks_basic, block_size, 2 * block_size>;
  static constexpr size_t counts[] = {blocks / 2, blocks - blocks / 2};
  static_region<shared::required_bytes(counts)> memory;
  shared buckets;
  ASSERT_EQ(buckets.init(memory, counts), status::ok);
  expect_nothing_lost(buckets, counts[0] * block_size + counts[1] * 2 * block_size);
}

TEST(lockfree_stress_of, batches) {
  using shared = lockfree_pool<block_size, checks_basic>;
  static_region<shared::required_bytes(blocks)> memory;
  shared pool;
  ASSERT_EQ(pool.init(memory), status::ok);
  events seen;
  run_crowd(seen, [&](events& e, const std::atomic<bool>& stop) {
    while (!stop.load(std::memory_order_relaxed)) {
      void* held[4];
      const size_t count = pool.take(held, 4);
      for (size_t i = 0; i < count; ++i) {
        stamp(held[i], this_thread);
      }
      for (size_t i = 0; i < count; ++i) {
        e.failures += is_stamped(held[i], this_thread) ? 0 : 1;
      }
      e.failures += pool.give(held, count) == status::ok ? 0 : 1;
      ++e.rounds;
    }
  });
  expect_clean(seen);
  EXPECT_EQ(pool.validate(), status::ok);
  EXPECT_EQ(pool.usage().blocks_in_use, 0U);
}

// All but thread 0 take blocks from a pool and drop them into a box, and thread 0 gives them back.
TEST(lockfree_stress_of, an_inbox) {
  using shared = lockfree_pool<block_size, checks_basic>;
  static_region<shared::required_bytes(blocks)> memory;
  shared pool;
  remote_inbox box;
  std::atomic<uint64_t> pushed{0};
  uint64_t popped = 0;
  ASSERT_EQ(pool.init(memory), status::ok);
  const auto empty_box = [&](events& e) {
    while (void* const block = box.pop()) {
      e.failures += is_stamped(block, 0x5A5A5A5A, remote_inbox::block_bytes) ? 0 : 1;
      stamp(block, 0);
      e.failures += pool.deallocate(block) == status::ok ? 0 : 1;
      ++popped;
    }
  };
  events seen;
  run_crowd(seen, [&](events& e, const std::atomic<bool>& stop) {
    while (!stop.load(std::memory_order_relaxed)) {
      ++e.rounds;
      if (this_thread == 0) {
        empty_box(e);
      } else if (void* const block = pool.allocate()) {
        stamp(block, 0x5A5A5A5A);
        box.push(block);
        ++pushed;
      } else {
        ++e.exhausted;
        std::this_thread::yield();
      }
    }
  });
  empty_box(seen);
  expect_clean(seen);
  EXPECT_TRUE(box.empty());
  EXPECT_EQ(popped, pushed);
  EXPECT_EQ(pool.usage().blocks_in_use, 0U);
  EXPECT_EQ(pool.validate(), status::ok);
}

// Thread 0 allocates from a pool that has no lock and passes the blocks on; the others free them.
TEST(lockfree_stress_of, deferred_frees) {
  using owned = pool<block_size, policies<no_lock, checks_basic, no_observer>>;
  static_region<owned::required_bytes(blocks)> memory;
  owned owner_pool;
  ASSERT_EQ(owner_pool.init(memory), status::ok);
  deferred<owned> frees(owner_pool);
  std::atomic<void*> slots[threads] = {};
  uint64_t allocated = 0;
  std::atomic<uint64_t> freed{0};
  const auto free_one = [&](events& e, std::atomic<void*>& from) {
    if (void* const block = from.exchange(nullptr, std::memory_order_acquire)) {
      e.failures += is_stamped(block, 0x5A5A5A5A) ? 0 : 1;
      stamp(block, this_thread);
      e.failures += frees.deallocate(block) == status::ok ? 0 : 1;
      ++freed;
    } else {
      std::this_thread::yield();
    }
  };
  events seen;
  run_crowd(seen, [&](events& e, const std::atomic<bool>& stop) {
    for (unsigned next = this_thread; !stop.load(std::memory_order_relaxed); ++next) {
      ++e.rounds;
      std::atomic<void*>& slot = slots[next % threads];
      if (this_thread != 0) {
        free_one(e, slot);
      } else if (slot.load(std::memory_order_relaxed) == nullptr) {
        if (void* const block = frees.allocate(request)) {
          ++allocated;
          stamp(block, 0x5A5A5A5A);
          slot.store(block, std::memory_order_release);
        } else {
          ++e.exhausted;
        }
      }
    }
  });
  for (std::atomic<void*>& slot : slots) {
    free_one(seen, slot);
  }
  while (!frees.empty()) {
    ASSERT_NE(frees.apply(8), 0U);
  }
  expect_clean(seen);
  EXPECT_EQ(freed, allocated);
  EXPECT_EQ(owner_pool.usage().blocks_in_use, 0U);
  EXPECT_EQ(owner_pool.validate(), status::ok);
}

}  // namespace
}  // namespace acre::test::stress
