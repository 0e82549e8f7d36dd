// SPDX-License-Identifier: MIT
// per_core_pool with cores that the test chooses, called from one context.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"

#include <acre/per_core_pool.hpp>

namespace acre::test {
namespace {

uint32_t here = 0;
int pins = 0;

/// Whoever the test says is calling.
struct chosen_core {
  chosen_core() noexcept {
    EXPECT_EQ(pins++, 0) << "a pin is not held across another one";
  }
  ~chosen_core() noexcept {
    --pins;
  }
  [[nodiscard]] uint32_t core() const noexcept {
    return here;
  }
};

constexpr size_t cores = 3;
constexpr size_t batch = 4;
constexpr size_t count = 10;  // for any core, whatever the others keep

template <class Checks>
using cores_pool = per_core_pool<24, cores, chosen_core, Checks, batch>;

constexpr size_t all = count + cores_pool<checks_basic>::kept_by_others;

guarded_memory<2048> memory;

template <class Pool>
class per_core_pool_test : public ::testing::Test {
 protected:
  void SetUp() override {
    here = 0;
    ASSERT_EQ(pool_.init(memory.carve(0, Pool::required_bytes(count))), status::ok);
  }
  void TearDown() override {
    EXPECT_EQ(pins, 0);
    EXPECT_TRUE(memory.guards_intact());
    EXPECT_EQ(pool_.validate(), status::ok);
  }
  void expect_in_use(size_t blocks) {
    EXPECT_EQ(pool_.validate(), status::ok);
    const acre::usage now = pool_.usage();
    EXPECT_EQ(now.blocks_in_use, blocks);
    EXPECT_EQ(now.bytes_free, (all - blocks) * Pool::block_bytes);
  }

  // Static, because it is aligned to more than a fixture can be.
  static inline Pool pool_;
  void* blocks_[all + 1] = {};
};

using levels =
    ::testing::Types<cores_pool<checks_none>, cores_pool<checks_basic>, cores_pool<checks_full>>;
TYPED_TEST_SUITE(per_core_pool_test, levels);

TYPED_TEST(per_core_pool_test, one_core_can_have_all_that_nobody_keeps) {
  size_t held = 0;
  while ((this->blocks_[held] = this->pool_.allocate()) != nullptr) {
    ASSERT_LT(++held, all + 1);
  }
  EXPECT_EQ(held, all);
  this->expect_in_use(all);
  EXPECT_EQ(this->pool_.largest_free(), 0U);
  for (size_t i = 0; i < held; ++i) {
    for (size_t j = 0; j < i; ++j) {
      ASSERT_NE(this->blocks_[i], this->blocks_[j]);
    }
  }
  for (size_t i = 0; i < held; ++i) {
    EXPECT_EQ(this->pool_.deallocate(this->blocks_[i]), status::ok);
    this->expect_in_use(all - i - 1);
  }
}

TYPED_TEST(per_core_pool_test, any_core_can_have_what_is_promised_whatever_the_others_keep) {
  // Each core in turn takes all and gives it back, so that it keeps as much as it may.
  for (here = 0; here < cores; ++here) {
    size_t held = 0;
    while (held < all && (this->blocks_[held] = this->pool_.allocate()) != nullptr) {
      ++held;
    }
    EXPECT_GE(held, count);
    while (held > 0) {
      EXPECT_EQ(this->pool_.deallocate(this->blocks_[--held]), status::ok);
    }
    this->expect_in_use(0);
    EXPECT_LE(this->pool_.kept(), (here + 1) * 2 * batch);
  }
}

TYPED_TEST(per_core_pool_test, a_block_may_be_freed_on_another_core_than_its_own) {
  // A producer and a consumer: what flows back goes through the shared pool.
  for (unsigned round = 0; round < 100; ++round) {
    here = 0;
    void* const block = this->pool_.allocate();
    ASSERT_NE(block, nullptr);
    here = 1;
    EXPECT_EQ(this->pool_.deallocate(block), status::ok);
  }
  this->expect_in_use(0);
}

TYPED_TEST(per_core_pool_test, the_shared_pool_is_asked_once_in_a_batch_at_most) {
  // On the edge of a chain: a block more and a block less, many times.
  for (size_t held = 0; held < batch; ++held) {
    ASSERT_NE(this->pool_.allocate(), nullptr);
  }
  const size_t kept = this->pool_.kept();
  void* const block = this->pool_.allocate();
  const size_t refilled = this->pool_.kept();
  EXPECT_EQ(kept, 0U);
  EXPECT_EQ(refilled, batch - 1);
  for (unsigned round = 0; round < 20; ++round) {
    EXPECT_EQ(this->pool_.deallocate(block), status::ok);
    EXPECT_EQ(this->pool_.kept(), batch);
    EXPECT_EQ(this->pool_.allocate(), block);
    EXPECT_EQ(this->pool_.kept(), batch - 1);
  }
}

TYPED_TEST(per_core_pool_test, flush_gives_all_back_to_the_others) {
  void* const block = this->pool_.allocate();
  EXPECT_EQ(this->pool_.kept(), batch - 1);
  this->pool_.flush();
  EXPECT_EQ(this->pool_.kept(), 0U);
  this->expect_in_use(1);
  EXPECT_EQ(this->pool_.deallocate(block), status::ok);
  this->pool_.flush();
  here = 2;
  this->pool_.flush();
  this->expect_in_use(0);
}

TYPED_TEST(per_core_pool_test, misuse_is_refused_wherever_the_block_is) {
  if (TypeParam::policies_type::level == check_level::none) {
    GTEST_SKIP() << "level none trusts its caller";
  }
  const fault_recorder faults;
  void* const block = this->pool_.allocate();
  int outside = 0;
  EXPECT_EQ(this->pool_.deallocate(nullptr), status::ok);
  EXPECT_EQ(this->pool_.deallocate(hidden(&outside)), status::foreign_pointer);
  EXPECT_EQ(this->pool_.deallocate(static_cast<unsigned char*>(block) + 8),
            status::interior_pointer);
  EXPECT_EQ(this->pool_.deallocate(block, {25, 1}), status::wrong_size);
  EXPECT_EQ(this->pool_.deallocate(block, {24, 1}), status::ok);
  EXPECT_EQ(this->pool_.deallocate(block), status::double_free) << "in this core's chain";
  here = 1;
  EXPECT_EQ(this->pool_.deallocate(block), status::double_free) << "in another core's chain";
  here = 0;
  this->pool_.flush();
  EXPECT_EQ(this->pool_.deallocate(block), status::double_free) << "in the shared pool";
  EXPECT_EQ(faults.total(), 6U);
  EXPECT_EQ(this->pool_.allocate({25, 1}), nullptr);
  this->expect_in_use(0);
}

TYPED_TEST(per_core_pool_test, sizes) {
  EXPECT_EQ(TypeParam::required_bytes(SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(this->pool_.init({}), status::invalid_argument);
  EXPECT_EQ(this->pool_.allocate(), nullptr);
  EXPECT_EQ(this->pool_.validate(), status::not_initialised);
  ASSERT_EQ(this->pool_.init(memory.carve(0, 512)), status::ok);
}

}  // namespace
}  // namespace acre::test
