// SPDX-License-Identifier: MIT
// The lock-free allocators with all cores at once: no block is anybody else's, and none is lost.
#include <gtest/gtest.h>

#include "support/report.hpp"

#include <acre/deferred.hpp>
#include <acre/lockfree_buckets.hpp>
#include <acre/lockfree_pool.hpp>
#include <acre/per_core_pool.hpp>
#include <acre/platform/core_pin.hpp>
#include <acre/platform/cores.hpp>
#include <acre/pool.hpp>

namespace acre::test {
namespace {

using platform::core_count;
using platform::core_id;

constexpr uint32_t rounds = 60'000;
constexpr size_t held_max = 4;
constexpr size_t block_size = 24;
constexpr size_t blocks = 2 * held_max - 1;  // so that two cores run out of them, too

uint32_t failures;
uint32_t exhausted;

void fail() {
  __atomic_fetch_add(&failures, 1U, __ATOMIC_RELAXED);
}

// All cores begin together: without this the first is done before the last has started.
uint32_t arrived;

void meet() {
  __atomic_fetch_add(&arrived, 1U, __ATOMIC_SEQ_CST);
  platform::send_event();
  while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < core_count) {
    platform::wait_for_event();
  }
}

void run_together(platform::core_entry entry, void* argument) {
  failures = 0;
  arrived = 0;
  platform::run_on_all(entry, argument);
  EXPECT_EQ(failures, 0U);
}

/// What the owner of a block writes into it, and finds there until it gives it back.
void stamp(void* block, uint32_t mark) {
  auto* const words = static_cast<volatile uint32_t*>(block);
  for (size_t i = 0; i < block_size / sizeof(uint32_t); ++i) {
    words[i] = mark;
  }
}
bool is_stamped(const void* block, uint32_t mark) {
  const auto* const words = static_cast<const volatile uint32_t*>(block);
  bool intact = true;
  for (size_t i = 0; i < block_size / sizeof(uint32_t); ++i) {
    intact = intact && words[i] == mark;
  }
  return intact;
}

/// Each core holds one to held_max blocks for a while, and looks whether they stay its own.
template <class Allocator>
void use(void* argument) {
  auto& allocator = *static_cast<Allocator*>(argument);
  uint32_t nothing = 0;
  meet();
  for (uint32_t round = 0; round < rounds; ++round) {
    void* held[held_max];
    size_t count = 0;
    for (; count < 1 + round % held_max; ++count) {
      held[count] = allocator.allocate({block_size, 4});
      if (held[count] == nullptr) {
        ++nothing;
        break;
      }
      stamp(held[count], core_id() << 24 | round);
    }
    while (count > 0) {
      void* const block = held[--count];
      if (!is_stamped(block, core_id() << 24 | round) ||
          allocator.deallocate(block, {block_size, 4}) != status::ok) {
        fail();
      }
    }
  }
  __atomic_fetch_add(&exhausted, nothing, __ATOMIC_RELAXED);
}

template <class Allocator>
void expect_nothing_lost(Allocator& allocator, size_t bytes_free) {
  exhausted = 0;
  run_together(use<Allocator>, &allocator);
  EXPECT_EQ(allocator.validate(), status::ok);
  EXPECT_EQ(allocator.usage().blocks_in_use, 0U);
  EXPECT_EQ(allocator.usage().bytes_free, bytes_free);
  print_line(core_count * rounds, " rounds, ", exhausted, " times no block was left");
}

template <class Checks>
class cores_at_once : public ::testing::Test {};
using levels = ::testing::Types<checks_none, checks_basic, checks_full>;
TYPED_TEST_SUITE(cores_at_once, levels);

TYPED_TEST(cores_at_once, share_a_lockfree_pool) {
  using shared = lockfree_pool<block_size, TypeParam>;
  static static_region<shared::required_bytes(blocks)> memory;
  static constinit shared pool;
  ASSERT_EQ(pool.init(memory), status::ok);
  expect_nothing_lost(pool, blocks * shared::block_bytes);
}

TYPED_TEST(cores_at_once, share_lockfree_buckets) {
  using shared = lockfree_buckets<TypeParam, block_size, 2 * block_size>;
  static constexpr size_t counts[] = {blocks / 2, blocks - blocks / 2};
  static static_region<shared::required_bytes(counts)> memory;
  static constinit shared buckets;
  ASSERT_EQ(buckets.init(memory, counts), status::ok);
  expect_nothing_lost(buckets, counts[0] * block_size + counts[1] * 2 * block_size);
}

TYPED_TEST(cores_at_once, share_a_per_core_pool) {
  using shared = per_core_pool<block_size, core_count, platform::core_pin, TypeParam, 3>;
  static static_region<shared::required_bytes(blocks)> memory;
  static constinit shared pool;
  ASSERT_EQ(pool.init(memory), status::ok);
  expect_nothing_lost(pool, (blocks + shared::kept_by_others) * shared::block_bytes);
}

// --- batches

using batched = lockfree_pool<block_size, checks_basic>;
constinit batched batches;

TEST(cores_batches, take_and_give_lose_nothing) {
  static static_region<batched::required_bytes(blocks)> memory;
  ASSERT_EQ(batches.init(memory), status::ok);
  run_together(
      [](void*) {
        meet();
        for (uint32_t round = 0; round < rounds; ++round) {
          void* held[held_max];
          const size_t count = batches.take(held, 1 + round % held_max);
          for (size_t i = 0; i < count; ++i) {
            stamp(held[i], core_id() << 24 | round);
          }
          for (size_t i = 0; i < count; ++i) {
            if (!is_stamped(held[i], core_id() << 24 | round)) {
              fail();
            }
          }
          if (batches.give(held, count) != status::ok) {
            fail();
          }
        }
      },
      nullptr);
  EXPECT_EQ(batches.validate(), status::ok);
  EXPECT_EQ(batches.usage().blocks_in_use, 0U);
}

// --- one core allocates, all others free

using owned = pool<block_size, policies<no_lock, checks_basic, no_observer>>;
constinit owned owner_pool;
constinit deferred<owned> frees(owner_pool);

constexpr uint32_t freed_by_others = 2'000;
constexpr size_t slots = 8;
void* slot[slots];
uint32_t freed;

void* take_from(void*& from) {
  return __atomic_exchange_n(&from, static_cast<void*>(nullptr), __ATOMIC_ACQUIRE);
}

bool enough() {
  return __atomic_load_n(&freed, __ATOMIC_ACQUIRE) >= freed_by_others;
}

void free_what_is_passed() {
  while (!enough()) {
    bool found = false;
    for (void*& from : slot) {
      void* const block = take_from(from);
      if (block != nullptr) {
        found = true;
        if (!is_stamped(block, 0x5A5A5A5A)) {
          fail();
        }
        stamp(block, core_id());
        if (frees.deallocate(block) != status::ok) {
          fail();
        }
        __atomic_fetch_add(&freed, 1U, __ATOMIC_RELEASE);
      }
    }
    platform::send_event();
    if (!found) {
      platform::wait_for_event();
    }
  }
  platform::send_event();
}

void allocate_and_pass() {
  for (size_t next = 0; !enough(); next = (next + 1) % slots) {
    if (__atomic_load_n(&slot[next], __ATOMIC_RELAXED) != nullptr) {
      platform::wait_for_event();  // for somebody to take it
      continue;
    }
    void* const block = frees.allocate({block_size, 4});
    if (block == nullptr) {
      frees.apply(4);
    } else {
      stamp(block, 0x5A5A5A5A);
      __atomic_store_n(&slot[next], block, __ATOMIC_RELEASE);
    }
    platform::send_event();
  }
  platform::send_event();
}

TEST(cores_deferred, what_others_free_comes_back_to_the_owner) {
  static static_region<owned::required_bytes(slots + 4)> memory;
  ASSERT_EQ(owner_pool.init(memory), status::ok);
  freed = 0;
  run_together(
      [](void*) {
        meet();
        core_id() == 0 ? allocate_and_pass() : free_what_is_passed();
      },
      nullptr);
  for (void*& from : slot) {
    EXPECT_EQ(frees.deallocate(take_from(from)), status::ok);
  }
  while (!frees.empty()) {
    EXPECT_NE(frees.apply(8), 0U);
  }
  EXPECT_EQ(owner_pool.validate(), status::ok);
  EXPECT_EQ(owner_pool.usage().blocks_in_use, 0U);
  print_line(freed, " blocks were freed by other cores");
}

}  // namespace
}  // namespace acre::test
