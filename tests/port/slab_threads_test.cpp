// SPDX-License-Identifier: MIT
// Slabs of many threads: blocks that are freed by others, threads that come and go, a fork in the middle, and
// at the end of each nothing is lost.
#include <gtest/gtest.h>

#include <acre/port/thread_slabs.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "port/ending_threads.hpp"
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

TEST(slab_threads_of, destructors_of_a_thread_may_allocate) {
  slabs_of<> slabs;
  allocate_in_destructors(slabs.take(), slabs.give(), [&] { return slabs.usage().blocks_in_use; });
  expect_nothing_lost(slabs);
}

#if !defined(_WIN32)

TEST(slab_threads_of, destructors_behind_the_hook_may_allocate) {
  slabs_of<> slabs;
  allocate_behind_the_hook(slabs.take(), slabs.give());
  expect_nothing_lost(slabs);
}

TYPED_TEST(slab_threads, may_allocate_and_free_in_a_forked_child) {
  slabs_of<TypeParam> slabs;
  fork_among_threads(slabs.take(), slabs.give(), [&](auto give_all) {
    bool good = slabs.validate() == status::ok && give_all();
    good = good && slabs.usage().blocks_in_use <= 2 * forked_among;
    const size_t chunks = slabs.counts().chunks;
    for (size_t n = 0; n < slabs.chunk_bytes / block_size - 2 * forked_among; ++n) {
      good = good && slabs.allocate() != nullptr;
    }
    return good && slabs.counts().chunks == chunks && slabs.validate() == status::ok;
  });
  expect_nothing_lost(slabs);
}

#endif

}  // namespace
}  // namespace acre::test
