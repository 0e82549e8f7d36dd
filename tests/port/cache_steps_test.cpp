// SPDX-License-Identifier: MIT
// A block of a cache that two threads free at the same time, step after step: both have seen that it is in use, and one
// of them, its holder, writes last. It may be in two magazines then, but is handed out from one.
#include <gtest/gtest.h>

#include <acre/pool.hpp>
#include <acre/port/detail/cache_store.hpp>

#include <functional>
#include <set>
#include <thread>

#include "support/counted_source.hpp"
#include "support/fault_recorder.hpp"
#include "support/rendezvous.hpp"

namespace acre::test {
namespace {

/// A thread that does what it is told, one thing after the other.
class obedient_thread {
 public:
  obedient_thread()
      : thread_([this] {
          for (;;) {
            together_.arrive_and_wait();
            if (order_ == nullptr) {
              return;
            }
            order_();
            together_.arrive_and_wait();
          }
        }) {}
  obedient_thread(const obedient_thread&) = delete;
  obedient_thread& operator=(const obedient_thread&) = delete;
  ~obedient_thread() {
    order_ = nullptr;
    together_.arrive_and_wait();
    thread_.join();
  }

  void run(std::function<void()> order) {
    order_ = std::move(order);
    together_.arrive_and_wait();
    together_.arrive_and_wait();
  }

 private:
  rendezvous together_{2};
  std::function<void()> order_;
  std::thread thread_;
};

class cache_steps : public ::testing::Test {
 protected:
  using store_type = detail::cache_store<true>;
  using pool_type = pool<64, policies<no_lock, checks_basic, no_observer>, 16>;
  // Magazines of a block, so that every free finds its own full.
  static constexpr detail::cached_class classes[] = {{.size = 64, .capacity = 1, .depot_max = 4}};
  static constexpr detail::cache_shape shape{
      .classes = classes, .count = 1, .granule_shift = 4, .queues = true, .fill = false};

  void SetUp() override {
    ASSERT_EQ(memory_.init(region_), status::ok);
  }
  /// All that is in use comes back, and what was freed twice was told once.
  void TearDown() override {
    for (void* const block : live_) {
      EXPECT_EQ(store_.free_slow(store_.mine(), 0, block), status::ok);
    }
    EXPECT_EQ(store_.validate(), status::ok);
    store_.give_back_of_all();
    EXPECT_EQ(store_.counts().late_refusals, 1U);
    EXPECT_EQ(fault_recorder::count(status::double_free), 1U);
    EXPECT_EQ(memory_.usage().blocks_in_use, 0U);
    store_.forget_all();
    EXPECT_EQ(source_.regions_out(), 0U);
  }

  void* take() {
    void* const block = store_.allocate_slow(store_.mine(), 0);
    EXPECT_NE(block, nullptr);
    EXPECT_TRUE(live_.insert(block).second) << "handed out twice";
    return block;
  }
  void give(void* block) {
    live_.erase(block);
    EXPECT_EQ(store_.free_slow(store_.mine(), 0, block), status::ok);
  }
  /// The holder's part of a free behind the moment at which it saw that the block is in use.
  void finish_free(void* block) {
    auto* const state = store_.states().find(block);
    auto& loaded = *detail::get(store_.mine()->pairs()[0].loaded);
    ASSERT_EQ(detail::get(loaded.count), 0U);
    detail::set(*state, loaded.cached);
    loaded.blocks()[0] = {block, state};
    loaded.count = 1;
  }

  static_region<pool_type::required_bytes(100)> region_;
  pool_type memory_;
  counted_source source_;
  detail::cache_depot<true> depots_[1];
  store_type store_{shape, depots_, detail::cached_allocator(memory_),
                    detail::source_calls(source_)};
  std::set<void*> live_;
  const fault_recorder faults_;
  obedient_thread other_;
  obedient_thread third_;
};

TEST_F(cache_steps, twice_freed_and_handed_out_by_its_holder_first) {
  void* const block = take();
  other_.run([&] { give(block); });
  finish_free(block);
  EXPECT_EQ(take(), block);
  other_.run([&] { EXPECT_NE(take(), block); });
}

TEST_F(cache_steps, twice_freed_and_asked_for_by_the_other_first) {
  void* const block = take();
  other_.run([&] { give(block); });
  finish_free(block);
  other_.run([&] { EXPECT_NE(take(), block); });
  EXPECT_EQ(take(), block);
}

// What is left of the first free goes round while the other thread has the block again, and rightly.
TEST_F(cache_steps, twice_freed_and_in_the_depot_when_the_other_has_it_again) {
  void* const block = take();
  void* more[2] = {};
  other_.run([&] {
    more[0] = take();
    more[1] = take();
    give(block);
  });
  finish_free(block);
  EXPECT_EQ(take(), block);
  other_.run([&] {
    give(more[0]);
    give(more[1]);
    EXPECT_EQ(take(), more[1]);
    give(block);
  });
  third_.run([&] { EXPECT_NE(take(), block); });
  other_.run([&] { EXPECT_EQ(take(), block); });
}

}  // namespace
}  // namespace acre::test
