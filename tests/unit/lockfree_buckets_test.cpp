// SPDX-License-Identifier: MIT
// Several sizes of lock-free pools over one region.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"

#include <acre/lockfree_buckets.hpp>

namespace acre::test {
namespace {

using buckets = lockfree_buckets<checks_basic, 16, 32, 128>;
static_assert(liveness_checking_allocator<buckets> && unsized_allocator<buckets> &&
              measurable_allocator<buckets> && auditable_allocator<buckets>);

constexpr size_t blocks[] = {3, 2, 1};
constexpr size_t bytes = buckets::required_bytes(blocks);

guarded_memory<1024> memory;

class lockfree_buckets_test : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(buckets_.init(memory.carve(5, bytes), blocks), status::ok);
  }
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
  }
  /// Which of the sizes a block has: by what could be given back for it.
  size_t size_of(const void* p) const {
    return buckets_.is_live(p, {128, 1})  ? 128
           : buckets_.is_live(p, {32, 1}) ? 32
           : buckets_.is_live(p, {16, 1}) ? 16
                                          : 0;
  }

  buckets buckets_;
};

TEST_F(lockfree_buckets_test, the_smallest_size_that_is_large_enough_serves) {
  EXPECT_EQ(size_of(buckets_.allocate(1)), 16U);
  EXPECT_EQ(size_of(buckets_.allocate(16)), 16U);
  EXPECT_EQ(size_of(buckets_.allocate(17)), 32U);
  EXPECT_EQ(size_of(buckets_.allocate(33)), 128U);
  EXPECT_EQ(buckets_.allocate(129), nullptr);
  EXPECT_EQ(buckets_.allocate(16, 4096), nullptr);
  EXPECT_EQ(buckets_.allocate(SIZE_MAX), nullptr);
}

TEST_F(lockfree_buckets_test, larger_sizes_serve_when_a_size_is_used_up_and_take_their_own_back) {
  void* held[6];
  for (void*& block : held) {
    block = buckets_.allocate(8);
    ASSERT_NE(block, nullptr);
  }
  EXPECT_EQ(buckets_.allocate(8), nullptr);
  EXPECT_EQ(size_of(held[2]), 16U);
  EXPECT_EQ(size_of(held[3]), 32U);
  EXPECT_EQ(size_of(held[5]), 128U);
  EXPECT_EQ(buckets_.usage().blocks_in_use, 6U);
  EXPECT_EQ(buckets_.usage().bytes_in_use, 3U * 16 + 2 * 32 + 128);
  EXPECT_EQ(buckets_.largest_free(), 0U);
  for (void* block : held) {
    EXPECT_EQ(buckets_.deallocate(block, {8, 1}), status::ok);
  }
  EXPECT_EQ(buckets_.usage().blocks_in_use, 0U);
  EXPECT_EQ(buckets_.largest_free(), 128U);
  EXPECT_EQ(buckets_.validate(), status::ok);
}

TEST_F(lockfree_buckets_test, misuse_is_refused) {
  const fault_recorder faults;
  void* const block = buckets_.allocate(20);
  int outside = 0;
  EXPECT_EQ(buckets_.deallocate(nullptr), status::ok);
  EXPECT_EQ(buckets_.deallocate(hidden(&outside)), status::foreign_pointer);
  EXPECT_EQ(buckets_.deallocate(hidden(&outside), {4, 4}), status::foreign_pointer);
  EXPECT_EQ(buckets_.deallocate(block, {33, 1}), status::wrong_size);
  EXPECT_EQ(buckets_.deallocate(static_cast<unsigned char*>(block) + 16), status::interior_pointer);
  EXPECT_EQ(buckets_.deallocate(block), status::ok);
  EXPECT_EQ(buckets_.deallocate(block), status::double_free);
  EXPECT_EQ(faults.total(), 5U);
  EXPECT_FALSE(buckets_.owns(&outside));
  EXPECT_TRUE(buckets_.owns(block));
}

TEST_F(lockfree_buckets_test, a_region_that_is_too_small_is_refused_and_leaves_nothing) {
  buckets fresh;
  EXPECT_EQ(fresh.validate(), status::not_initialised);
  EXPECT_EQ(fresh.allocate(1), nullptr);
  EXPECT_EQ(buckets_.init({}, blocks), status::invalid_argument);
  EXPECT_EQ(buckets_.allocate(1), nullptr);
  constexpr size_t nothing[] = {0, 0, 0};
  EXPECT_EQ(buckets_.init(memory.carve(), nothing), status::region_too_small);
  // required_bytes() is enough wherever the region begins; from an aligned begin, exactly that is spare.
  constexpr size_t exactly = bytes - (default_alignment - 1);
  EXPECT_EQ(buckets_.init(memory.carve(0, exactly - 1), blocks), status::region_too_small);
  EXPECT_EQ(buckets_.allocate(1), nullptr);
  EXPECT_EQ(buckets_.init(memory.carve(0, exactly), blocks), status::ok);
  EXPECT_NE(buckets_.allocate(1), nullptr);
  constexpr size_t huge[] = {SIZE_MAX / 16, 1, 1};
  static_assert(buckets::required_bytes(huge) == SIZE_MAX);
  EXPECT_EQ(buckets_.init(memory.carve(), huge), status::region_too_small);
}

TEST_F(lockfree_buckets_test, a_size_may_have_no_blocks) {
  constexpr size_t some[] = {0, 2, 0};
  ASSERT_EQ(buckets_.init(memory.carve(), some), status::ok);
  EXPECT_EQ(buckets_.validate(), status::ok);
  EXPECT_EQ(size_of(buckets_.allocate(1)), 32U);
  EXPECT_EQ(buckets_.allocate(100), nullptr);
}

}  // namespace
}  // namespace acre::test
