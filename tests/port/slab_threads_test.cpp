// SPDX-License-Identifier: MIT
// Slabs of many threads: blocks that are freed by others, threads that come and go, a fork in the middle, and
// at the end of each nothing is lost.
#include <gtest/gtest.h>

#include <acre/port/thread_slabs.hpp>

#include <atomic>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "port/shared_blocks.hpp"
#include "support/counted_source.hpp"
#include "support/fault_recorder.hpp"

namespace acre::test {
namespace {

template <class Checks = checks_basic, size_t Size = block_size>
class slabs_of : public hosted::thread_slabs<Size, counted_source, Checks, 16> {
 public:
  ~slabs_of() {
    this->release_all();
    EXPECT_EQ(this->source().regions_out(), 0U);
  }

  /// For shared_blocks.hpp.
  auto take() {
    return [this] { return this->allocate(); };
  }
  auto give() {
    return [this](void* block) { return this->deallocate(block); };
  }
};

template <class Slabs>
void expect_nothing_lost(Slabs& slabs) {
  EXPECT_EQ(slabs.usage().blocks_in_use, 0U);
  EXPECT_EQ(slabs.validate(), status::ok);
  EXPECT_EQ(slabs.counts().late_refusals, 0U);
  slabs.trim();
  EXPECT_EQ(slabs.counts().chunks, 0U);
}

template <class Checks>
class slab_threads : public ::testing::Test {};
using levels = ::testing::Types<checks_none, checks_basic, checks_full>;
TYPED_TEST_SUITE(slab_threads, levels);

TYPED_TEST(slab_threads, free_what_others_have_allocated) {
  constexpr unsigned threads = 6;
  slabs_of<TypeParam> slabs;
  const auto ready = [&] { EXPECT_EQ(slabs.deallocate(slabs.allocate()), status::ok); };
  exchange_blocks(threads, 20000, ready, slabs.take(), slabs.give());
  EXPECT_GT(slabs.counts().sent, 0U);
  EXPECT_LE(slabs.counts().heaps, threads + 1);
  expect_nothing_lost(slabs);
}

// What the second thread gives back, the first uses again.
TYPED_TEST(slab_threads, pass_blocks_one_way_in_memory_that_does_not_grow) {
  slabs_of<TypeParam> slabs;
  pass_blocks_one_way(100000, slabs.take(), slabs.give());
  EXPECT_EQ(slabs.counts().chunks, 1U);
  expect_nothing_lost(slabs);
}

TEST(slab_threads_of, ten_thousand_threads_lose_nothing) {
  slabs_of<> slabs;
  const std::vector<void*> handed = hand_on_by_ten_thousand_threads(slabs.take(), slabs.give());
  EXPECT_EQ(slabs.usage().blocks_in_use, handed.size());
  EXPECT_LE(slabs.counts().heaps, 4U) << "a thread takes the heap of one that has ended";
  EXPECT_EQ(slabs.counts().chunks, 1U);
  for (void* const block : handed) {
    EXPECT_EQ(slabs.deallocate(block), status::ok);
  }
  expect_nothing_lost(slabs);
}

TEST(slab_threads_of, a_thread_that_has_ended_serve_the_others) {
  slabs_of<> slabs;
  std::vector<void*> left;
  std::thread([&] {
    for (size_t i = 0; i < 3 * slabs.chunk_bytes / block_size; ++i) {
      left.push_back(slabs.allocate());
    }
  }).join();
  slabs.source().fail_always(true);
  // All of its slabs are full: only frees by others make room, in slabs that nobody has.
  for (size_t i = 0; i < left.size(); i += 3) {
    ASSERT_EQ(slabs.deallocate(left[i]), status::ok);
  }
  for (size_t i = 0; i < left.size(); i += 3) {
    left[i] = slabs.allocate();
    ASSERT_NE(left[i], nullptr);
  }
  EXPECT_EQ(slabs.validate(), status::ok);
  for (void* const block : left) {
    ASSERT_EQ(slabs.deallocate(block), status::ok);
  }
  slabs.source().fail_always(false);
  expect_nothing_lost(slabs);
}

TEST(slab_threads_of, two_that_free_one_block_refuse_one) {
  const fault_recorder faults;
  slabs_of<> slabs;
  free_by_two_others(slabs.take(), slabs.give());
  EXPECT_EQ(slabs.usage().blocks_in_use, 0U);
  EXPECT_EQ(slabs.validate(), status::ok);
}

// Refused now, or when it is collected.
TEST(slab_threads_of, owner_and_other_that_free_one_block_never_free_it_twice) {
  const fault_recorder faults;
  slabs_of<> slabs;
  const uint64_t both = free_by_holder_and_other(slabs.take(), slabs.give());
  slabs.flush();  // collects what is left
  EXPECT_EQ(both, slabs.counts().late_refusals);
  EXPECT_EQ(slabs.usage().blocks_in_use, 0U);
  EXPECT_EQ(slabs.validate(), status::ok);
  slabs.trim();
  EXPECT_EQ(slabs.counts().chunks, 0U) << "blocks are lost";
}

TEST(slab_threads_of, owner_and_other_that_free_one_block_refuse_one_at_full) {
  const fault_recorder faults;
  slabs_of<checks_full> slabs;
  EXPECT_EQ(free_by_holder_and_other(slabs.take(), slabs.give()), 0U);
  expect_nothing_lost(slabs);
}

struct late {
  slabs_of<>* slabs = nullptr;
  void* block = nullptr;
  void** left_behind = nullptr;

  ~late() {
    EXPECT_EQ(slabs->deallocate(block), status::ok);
    for (int i = 0; i < 1000; ++i) {
      void* const more = slabs->allocate();
      EXPECT_NE(more, nullptr);
      stamp(more, 1);
      EXPECT_EQ(slabs->deallocate(more), status::ok);
    }
    *left_behind = slabs->allocate();
    EXPECT_NE(*left_behind, nullptr);
  }
};

TEST(slab_threads_of, destructors_of_a_thread_may_allocate) {
  slabs_of<> slabs;
  for (int i = 0; i < 20; ++i) {
    void* left = nullptr;
    std::thread([&] {
      thread_local late object;
      object.slabs = &slabs;
      object.left_behind = &left;
      object.block = slabs.allocate();
    }).join();
    EXPECT_EQ(slabs.usage().blocks_in_use, 1U);
    EXPECT_EQ(slabs.deallocate(left), status::ok);
  }
  expect_nothing_lost(slabs);
}

#if !defined(_WIN32)

// Behind the hook: destructors of keys that were made later run in the rounds that follow.
TEST(slab_threads_of, destructors_behind_the_hook_may_allocate) {
  static slabs_of<>* slabs = nullptr;
  slabs_of<> mine;
  slabs = &mine;
  ASSERT_EQ(mine.deallocate(mine.allocate()), status::ok);  // the hook's key is made
  static pthread_key_t key;
  static std::atomic<int> calls{0};
  ASSERT_EQ(pthread_key_create(&key,
                               [](void* rounds) {
                                 void* const block = slabs->allocate();
                                 EXPECT_NE(block, nullptr);
                                 EXPECT_EQ(slabs->deallocate(block), status::ok);
                                 ++calls;
                                 if (rounds != nullptr && calls < 3) {
                                   pthread_setspecific(key, rounds);
                                 }
                               }),
            0);
  std::thread([&] {
    pthread_setspecific(key, &mine);
    EXPECT_EQ(mine.deallocate(mine.allocate()), status::ok);
  }).join();
  EXPECT_EQ(calls, 3);
  pthread_key_delete(key);
  expect_nothing_lost(mine);
}

// Other threads are in the middle of anything when the process is forked; the child uses what they left.
TEST(slab_threads_of, a_forked_child_may_allocate_and_free) {
  slabs_of<> slabs;
  std::atomic<bool> stop{false};
  std::vector<std::atomic<void*>> table(64);
  std::vector<std::thread> crowd;
  for (uint32_t t = 0; t < 3; ++t) {
    crowd.emplace_back([&, t] {
      test::random numbers(t + 1);
      while (!stop.load(std::memory_order_relaxed)) {
        void* block = slabs.allocate();
        stamp(block, t);
        block = table[numbers.below(64)].exchange(block);
        if (block != nullptr) {
          static_cast<void>(slabs.deallocate(block));
        }
      }
    });
  }
  void* const mine = slabs.allocate();
  for (int i = 0; i < 20; ++i) {
    std::this_thread::yield();
    const pid_t child = fork();
    if (child == 0) {
      bool good = slabs.validate() == status::ok && slabs.deallocate(mine) == status::ok;
      for (std::atomic<void*>& place : table) {
        void* const block = place.load();
        good = good && (block == nullptr || slabs.deallocate(block) == status::ok);
      }
      // At most what each of the others had in its hands: one taken, one exchanged.
      good = good && slabs.usage().blocks_in_use <= 2 * 3;
      const size_t chunks = slabs.counts().chunks;
      for (size_t n = 0; n < slabs.chunk_bytes / block_size - 6; ++n) {
        good = good && slabs.allocate() != nullptr;
      }
      good = good && slabs.counts().chunks == chunks && slabs.validate() == status::ok;
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
    EXPECT_EQ(slabs.deallocate(place.load()), status::ok);
  }
  EXPECT_EQ(slabs.deallocate(mine), status::ok);
  expect_nothing_lost(slabs);
}

#endif

}  // namespace
}  // namespace acre::test
