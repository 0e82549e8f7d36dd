// SPDX-License-Identifier: MIT
// What only the lock-free pool promises, called from one context: batches, bounded attempts.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"

#include <acre/lockfree_pool.hpp>

namespace acre::test {
namespace {

constexpr size_t count = 12;

guarded_memory<1024> memory;

template <class Pool>
class lockfree_pool_test : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pool_.init(memory.carve(0, Pool::required_bytes(count))), status::ok);
  }
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    EXPECT_EQ(pool_.validate(), status::ok);
  }
  static constexpr bool checked = Pool::policies_type::level != check_level::none;

  Pool pool_;
  void* blocks_[count + 2] = {};
};

using levels = ::testing::Types<lockfree_pool<24, checks_none>, lockfree_pool<24, checks_basic>,
                                lockfree_pool<24, checks_full>>;
TYPED_TEST_SUITE(lockfree_pool_test, levels);

TYPED_TEST(lockfree_pool_test, takes_as_many_as_there_are) {
  EXPECT_EQ(this->pool_.take(this->blocks_, 5), 5U);
  EXPECT_EQ(this->pool_.usage().blocks_in_use, 5U);
  EXPECT_EQ(this->pool_.validate(), status::ok);
  EXPECT_EQ(this->pool_.take(this->blocks_ + 5, count), count - 5);
  EXPECT_EQ(this->pool_.take(this->blocks_, 1), 0U);
  EXPECT_EQ(this->pool_.allocate(), nullptr);
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < i; ++j) {
      EXPECT_NE(this->blocks_[i], this->blocks_[j]);
    }
    EXPECT_EQ(this->pool_.deallocate(this->blocks_[i]), status::ok);
  }
}

TYPED_TEST(lockfree_pool_test, takes_and_gives_nothing) {
  EXPECT_EQ(this->pool_.take(nullptr, 0), 0U);
  EXPECT_EQ(this->pool_.give(nullptr, 0), status::ok);
  EXPECT_EQ(this->pool_.give(this->blocks_, count), status::ok) << "nulls do nothing";
  EXPECT_EQ(this->pool_.usage().blocks_in_use, 0U);
}

TYPED_TEST(lockfree_pool_test, what_was_given_is_taken_again_in_the_same_order) {
  ASSERT_EQ(this->pool_.take(this->blocks_, 6), 6U);
  void* const given[] = {this->blocks_[4], nullptr, this->blocks_[1], this->blocks_[5]};
  EXPECT_EQ(this->pool_.give(given, 4), status::ok);
  EXPECT_EQ(this->pool_.usage().blocks_in_use, 3U);
  EXPECT_EQ(this->pool_.allocate(), this->blocks_[4]);
  EXPECT_EQ(this->pool_.allocate(), this->blocks_[1]);
  EXPECT_EQ(this->pool_.allocate(), this->blocks_[5]);
}

TYPED_TEST(lockfree_pool_test, try_allocate_has_as_many_attempts_as_it_is_given) {
  EXPECT_EQ(this->pool_.try_allocate(0), nullptr);
  void* const block = this->pool_.try_allocate(1);
  EXPECT_NE(block, nullptr) << "nobody came in between";
  EXPECT_EQ(this->pool_.deallocate(block), status::ok);
  ASSERT_EQ(this->pool_.take(this->blocks_, count), count);
  EXPECT_EQ(this->pool_.try_allocate(1000), nullptr);
}

TYPED_TEST(lockfree_pool_test, a_batch_with_a_mistake_changes_nothing) {
  if (!TestFixture::checked) {
    GTEST_SKIP() << "level none trusts its caller";
  }
  const fault_recorder faults;
  ASSERT_EQ(this->pool_.take(this->blocks_, 4), 4U);
  for (size_t i = 0; i < 4; ++i) {
    fill_pattern(this->blocks_[i], 24, static_cast<uint32_t>(i));
  }
  int outside = 0;
  void* const twice[] = {this->blocks_[0], this->blocks_[1], this->blocks_[0]};
  void* const foreign[] = {this->blocks_[2], hidden(&outside)};
  void* const interior[] = {this->blocks_[3], static_cast<unsigned char*>(this->blocks_[2]) + 8};
  void* const misaligned[] = {static_cast<unsigned char*>(this->blocks_[2]) + 1, this->blocks_[3]};
  EXPECT_EQ(this->pool_.give(twice, 3), status::double_free);
  EXPECT_EQ(this->pool_.give(foreign, 2), status::foreign_pointer);
  EXPECT_EQ(this->pool_.give(interior, 2), status::interior_pointer);
  EXPECT_EQ(this->pool_.give(misaligned, 2), status::misaligned_pointer);
  EXPECT_EQ(faults.total(), 4U);
  EXPECT_EQ(this->pool_.usage().blocks_in_use, 4U);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(holds_pattern(this->blocks_[i], 24, static_cast<uint32_t>(i)));
  }
  EXPECT_EQ(this->pool_.give(this->blocks_, 4), status::ok);
}

TYPED_TEST(lockfree_pool_test, required_bytes_hold_that_many_blocks_and_one_byte_less_holds_fewer) {
  for (size_t blocks = 1; blocks <= count; ++blocks) {
    const size_t bytes = TypeParam::required_bytes(blocks);
    ASSERT_EQ(this->pool_.init(memory.carve(0, bytes)), status::ok);
    EXPECT_EQ(this->pool_.take(this->blocks_, count + 2), blocks);
    const size_t less = this->pool_.init(memory.carve(0, bytes - 1)) == status::ok
                            ? this->pool_.take(this->blocks_, count + 2)
                            : 0;
    EXPECT_LT(less, blocks);
  }
  static_assert(TypeParam::required_bytes(TypeParam::blocks_max + 1) == SIZE_MAX);
  ASSERT_EQ(this->pool_.init(memory.carve(0, 512)), status::ok);
}

}  // namespace
}  // namespace acre::test
