// SPDX-License-Identifier: MIT
// What two threads do to one slab at the same time, by hand, step after step: a block that its owner and another
// one free, and a slab whose owner changes while a block is on its way to it. (tests/interleavings has every order of
// the steps; here the store is the real one.)
#include <gtest/gtest.h>

#include <acre/port/detail/slab_store.hpp>

#include <set>
#include <thread>
#include <vector>

#include "support/counted_source.hpp"
#include "support/fault_recorder.hpp"

namespace acre::test {
namespace {

using detail::slab_heap;
using detail::slab_record;
using detail::slab_word;

class slab_steps : public ::testing::Test {
 protected:
  static constexpr detail::slab_geometry shape{.stride = 64,
                                               .per_slab = 4,
                                               .per_chunk = 16,
                                               .chunk_bytes = 4096,
                                               .spare_max = 1,
                                               .kept_max = 4,
                                               .level = check_level::basic};
  struct place {
    slab_record& slab;
    slab_word bit;
  };

  void TearDown() override {
    store_.release_all();
    EXPECT_EQ(source_.regions_out(), 0U);
  }

  [[nodiscard]] place place_of(void* block) const {
    const auto address = reinterpret_cast<uintptr_t>(block);
    const uintptr_t begin = detail::round_down(address, shape.chunk_bytes);
    const size_t number = (address - begin) / shape.stride;
    return {store_.find(begin, shape.chunk_shift())[number / shape.per_slab],
            slab_word{1} << number % shape.per_slab};
  }
  void take() {
    void* const block = store_.allocate_slow(store_.heap());
    ASSERT_NE(block, nullptr);
    EXPECT_TRUE(live_.insert(block).second) << "handed out twice";
  }
  void* take_one() {
    take();
    return *live_.begin();
  }
  /// Another thread's part of a free: the block is in its hands.
  bool claim(void* block) {
    live_.erase(block);
    return place_of(block).slab.claim(place_of(block).bit);
  }
  void send(void* block) {
    store_.send_back(place_of(block).slab, place_of(block).bit);
  }
  void hand_out(void* block) {
    place_of(block).slab.lend(place_of(block).bit, shape.level);
    EXPECT_TRUE(live_.insert(block).second) << "handed out twice";
  }
  /// The owner's part behind the moment at which it saw that the block is in use.
  void finish_free(void* block) {
    const auto [slab, bit] = place_of(block);
    EXPECT_TRUE(slab.give(bit, check_level::none));
    slab_heap& mine = *store_.heap();
    mine.own.blocks[mine.own.count++] = {
        block, reinterpret_cast<uintptr_t>(&slab) | detail::trailing_zeros_word(bit)};
  }
  /// By another thread, which has it in its hands, and by its owner.
  void* take_one_and_free_it_twice() {
    void* const block = take_one();
    EXPECT_TRUE(claim(block));
    finish_free(block);
    return block;
  }

  /// All that there is, each once; and nothing is lost.
  void expect_one_late(size_t blocks = 200) {
    while (live_.size() < blocks) {
      take();
    }
    EXPECT_EQ(store_.read_counts().late_refusals, 1U);
    EXPECT_EQ(fault_recorder::count(status::double_free), 1U);
    for (void* const block : std::set<void*>(live_)) {
      EXPECT_TRUE(claim(block));
      send(block);
    }
    expect_nothing_lost();
  }
  void expect_nothing_lost() {
    EXPECT_EQ(store_.usage().blocks_in_use, 0U);
    store_.flush();
    EXPECT_EQ(store_.validate(), status::ok);
    store_.trim();
    EXPECT_EQ(store_.read_counts().chunks, 0U) << "blocks are lost";
  }

  counted_source source_;
  detail::slab_store store_{shape, detail::source_calls(source_)};
  std::set<void*> live_;
  const fault_recorder faults_;
};

// --- a block that its owner and another thread free: both have seen that it is in use

TEST_F(slab_steps, twice_freed_and_sent_home_before_the_owner_takes_it_up) {
  void* const block = take_one_and_free_it_twice();
  send(block);
  expect_one_late();
}

TEST_F(slab_steps, twice_freed_and_sent_home_after_the_owner_took_it_up) {
  void* const block = take_one_and_free_it_twice();
  take();
  EXPECT_FALSE(live_.contains(block)) << "it is the other thread's";
  send(block);
  expect_one_late();
}

TEST_F(slab_steps, twice_freed_and_handed_out_before_the_owner_takes_it_up) {
  void* const block = take_one_and_free_it_twice();
  hand_out(block);
  expect_one_late();
}

TEST_F(slab_steps, twice_freed_and_handed_out_after_the_owner_took_it_up) {
  void* const block = take_one_and_free_it_twice();
  take();
  hand_out(block);
  expect_one_late();
}

TEST_F(slab_steps, twice_freed_and_freed_again_by_whoever_has_it) {
  void* const block = take_one_and_free_it_twice();
  hand_out(block);
  take();
  EXPECT_TRUE(claim(block));
  EXPECT_FALSE(claim(block));
  hand_out(block);
  EXPECT_TRUE(claim(block));
  send(block);
  expect_one_late();
}

// Its owner has it in the slab, where it is as free as all others.
TEST_F(slab_steps, twice_freed_and_in_the_other_s_hands_when_its_chunk_is_trimmed) {
  void* const block = take_one_and_free_it_twice();
  EXPECT_EQ(store_.trim(), 0U);
  EXPECT_EQ(store_.read_counts().chunks, 1U);
  EXPECT_EQ(store_.trim(), 0U) << "as before";
  send(block);
  expect_one_late();
}

TEST_F(slab_steps, a_free_that_comes_when_its_chunk_is_gone_is_refused) {
  void* const block = take_one();
  const auto [slab, bit] = place_of(block);
  EXPECT_TRUE(claim(block));
  send(block);
  EXPECT_NE(store_.trim(), 0U);
  EXPECT_FALSE(slab.claim(bit)) << "of who had found the slab before";
}

// --- a slab that changes hands when a block is about to be dropped into its owner's inbox

class slab_steps_of_heirs : public slab_steps {
 protected:
  /// A thread allocates two blocks, and ends when another one has freed the first and looked for the inbox.
  void SetUp() override {
    slab_heap* inbox = nullptr;
    std::thread([&] {
      first_ = store_.allocate_slow(store_.heap());
      second_ = store_.allocate_slow(store_.heap());
      const auto [slab, bit] = place_of(first_);
      EXPECT_TRUE(slab.claim(bit));
      EXPECT_TRUE(slab.send(bit));
      inbox = slab.owner;
    }).join();
    slab_record& slab = place_of(first_).slab;
    ASSERT_NE(slab.owner, inbox) << "what has room left is for all";
    inbox->inbox.push(slab.node);
  }
  void expect_arrival() {
    EXPECT_EQ(store_.read_counts().collected, 1U);
    EXPECT_TRUE(claim(second_));
    send(second_);
    expect_nothing_lost();
  }

  void* first_ = nullptr;
  void* second_ = nullptr;
};

TEST_F(slab_steps_of_heirs, pass_on_what_is_in_the_inbox_that_they_inherit) {
  std::thread([&] {
    void* const block = store_.allocate_slow(store_.heap());
    EXPECT_TRUE(claim(block));
    send(block);
  }).join();
  expect_arrival();
}

TEST_F(slab_steps_of_heirs, need_not_come) {
  EXPECT_EQ(store_.trim(), 0U) << "the second block is live";
  expect_arrival();
}

}  // namespace
}  // namespace acre::test
