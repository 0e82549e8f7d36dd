// SPDX-License-Identifier: MIT
// remote_inbox and deferred, called from one context.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"

#include <acre/buddy.hpp>
#include <acre/deferred.hpp>
#include <acre/pool.hpp>

namespace acre::test {
namespace {

using plain_pool = pool<32, policies<no_lock, checks_basic, no_observer>>;
using plain_buddy = buddy<16, policies<no_lock, checks_basic, no_observer>>;

guarded_memory<1024> memory;

TEST(remote_inbox, gives_out_what_was_pushed_newest_first) {
  void* blocks[3][2];
  remote_inbox box;
  EXPECT_TRUE(box.empty());
  EXPECT_EQ(box.pop(), nullptr);
  box.push(nullptr);
  EXPECT_TRUE(box.empty());
  box.push(blocks[0]);
  box.push(blocks[1]);
  EXPECT_FALSE(box.empty());
  EXPECT_EQ(box.pop(), blocks[1]);
  box.push(blocks[2]);
  EXPECT_EQ(box.pop(), blocks[0]) << "what was taken out together goes first";
  EXPECT_EQ(box.pop(), blocks[2]);
  EXPECT_EQ(box.pop(), nullptr);
  EXPECT_TRUE(box.empty());
}

TEST(remote_inbox, leaves_all_but_the_first_word_alone) {
  alignas(void*) static unsigned char aligned[64];
  remote_inbox box;
  fill_pattern(aligned, sizeof(aligned), 7);
  box.push(aligned);
  EXPECT_EQ(box.pop(), aligned);
  fill_pattern(aligned, remote_inbox::block_bytes, 7);
  EXPECT_TRUE(holds_pattern(aligned, sizeof(aligned), 7));
}

TEST(remote_inbox, drop_forgets_what_was_taken_and_keeps_what_was_not) {
  void* blocks[3][2];
  remote_inbox box;
  box.push(blocks[0]);
  box.push(blocks[1]);
  EXPECT_EQ(box.pop(), blocks[1]);
  box.push(blocks[2]);
  box.drop();
  EXPECT_EQ(box.pop(), blocks[2]);
  EXPECT_EQ(box.pop(), nullptr);
}

class deferred_test : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pool_.init(memory.carve(0, plain_pool::required_bytes(8))), status::ok);
  }
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    EXPECT_EQ(pool_.validate(), status::ok);
  }
  size_t in_use() const {
    return pool_.usage().blocks_in_use;
  }

  plain_pool pool_;
  deferred<plain_pool, 2> deferred_{pool_};
};

TEST_F(deferred_test, a_free_is_applied_later_and_at_most_so_many_at_a_time) {
  void* blocks[8];
  for (void*& block : blocks) {
    block = deferred_.allocate({32, 4});
    ASSERT_NE(block, nullptr);
  }
  for (void* block : blocks) {
    EXPECT_EQ(deferred_.deallocate(block), status::ok);
  }
  EXPECT_EQ(in_use(), 8U);
  EXPECT_EQ(deferred_.apply(0), 0U);
  EXPECT_EQ(deferred_.apply(3), 3U);
  EXPECT_EQ(in_use(), 5U);
  EXPECT_NE(deferred_.allocate({32, 4}), nullptr);
  EXPECT_EQ(in_use(), 4U) << "two were applied, one was allocated";
  EXPECT_FALSE(deferred_.empty());
  EXPECT_EQ(deferred_.apply(100), 3U);
  EXPECT_TRUE(deferred_.empty());
  EXPECT_EQ(in_use(), 1U);
}

TEST_F(deferred_test, a_foreign_block_is_refused_before_it_is_touched) {
  const fault_recorder faults;
  void* outside[2] = {nullptr, nullptr};
  EXPECT_EQ(deferred_.deallocate(hidden(&outside)), status::foreign_pointer);
  EXPECT_EQ(outside[0], nullptr);
  EXPECT_EQ(deferred_.deallocate(nullptr), status::ok);
  EXPECT_TRUE(deferred_.empty());
  EXPECT_EQ(faults.total(), 1U);
}

TEST_F(deferred_test, a_double_free_is_found_when_it_is_applied) {
  const fault_recorder faults;
  void* const block = deferred_.allocate({32, 4});
  EXPECT_EQ(deferred_.deallocate(block), status::ok);
  EXPECT_EQ(deferred_.apply(10), 1U);
  EXPECT_EQ(deferred_.deallocate(block), status::ok) << "nobody looks before the owner does";
  EXPECT_EQ(deferred_.apply(10), 0U);
  EXPECT_EQ(faults.count(status::double_free), 1U);
}

TEST_F(deferred_test, a_double_free_while_both_wait_is_found_and_ends) {
  const fault_recorder faults;
  void* const first = deferred_.allocate({32, 4});
  void* const second = deferred_.allocate({32, 4});
  EXPECT_EQ(deferred_.deallocate(first), status::ok);
  EXPECT_EQ(deferred_.deallocate(second), status::ok);
  EXPECT_EQ(deferred_.deallocate(first), status::ok);
  EXPECT_EQ(deferred_.apply(100), 2U);
  EXPECT_EQ(faults.count(status::double_free), 1U);
  EXPECT_TRUE(deferred_.empty());
  EXPECT_EQ(in_use(), 0U);
}

// At full an allocator without a lock refuses calls in the middle of its own. A deferred free is none.
struct freeing_observer : no_observer {
  static inline void (*free)() noexcept = nullptr;

  void on_allocate(size_t) noexcept {
    if (free != nullptr) {
      free();
    }
  }
};

TEST(deferred_full, frees_in_the_middle_of_a_call_to_the_allocator) {
  using watched = pool<32, policies<no_lock, checks_full, freeing_observer>>;
  static watched blocks;
  static deferred<watched> frees(blocks);
  static void* block;
  const fault_recorder faults;
  ASSERT_EQ(blocks.init(memory.carve(0, watched::required_bytes(2))), status::ok);
  block = frees.allocate({32, 4});
  freeing_observer::free = []() noexcept { EXPECT_EQ(frees.deallocate(block), status::ok); };
  EXPECT_NE(frees.allocate({32, 4}), nullptr);
  freeing_observer::free = nullptr;
  EXPECT_EQ(faults.total(), 0U);
  EXPECT_EQ(frees.apply(1), 1U);
  EXPECT_EQ(blocks.usage().blocks_in_use, 1U);
}

TEST(deferred_sized, the_layout_waits_with_the_block) {
  plain_buddy heap;
  ASSERT_EQ(heap.init(memory.carve(0, 1024)), status::ok);
  deferred<plain_buddy, 1> frees(heap);
  const layout wanted[] = {{1, 1}, {40, 8}, {100, 4}};
  void* blocks[3];
  for (size_t i = 0; i < 3; ++i) {
    blocks[i] = frees.allocate(wanted[i]);
    ASSERT_NE(blocks[i], nullptr);
  }
  const fault_recorder faults;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(frees.deallocate(blocks[i], wanted[i]), status::ok);
  }
  EXPECT_EQ(frees.deallocate(blocks[0], {1, 3}), status::wrong_size);
  EXPECT_EQ(frees.apply(3), 3U);
  EXPECT_EQ(faults.total(), 1U);
  EXPECT_EQ(heap.usage().blocks_in_use, 0U);
  EXPECT_EQ(heap.validate(), status::ok);
  EXPECT_TRUE(memory.guards_intact());
}

}  // namespace
}  // namespace acre::test
