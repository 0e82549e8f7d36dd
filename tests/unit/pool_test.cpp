// SPDX-License-Identifier: MIT
// What only pool promises: lazy carving, iteration over live blocks, any alignment.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

#include <acre/object_pool.hpp>
#include <acre/pool.hpp>

namespace acre::test {
namespace {

guarded_memory<region_bytes> memory;

template <check_level Level>
using at = policies<no_lock, checks<Level>, usage_counters>;

class pool_test : public seeded_test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    seeded_test::TearDown();
  }
};

TEST_F(pool_test, init_touches_nothing_at_none_and_one_word_when_checked) {
  static pool<24, at<check_level::none>> none;
  static pool<24, at<check_level::basic>> basic;
  static pool<24, at<check_level::full>> full;
  ASSERT_EQ(none.init(memory.carve()), status::ok);
  EXPECT_TRUE(memory.untouched());
  ASSERT_EQ(basic.init(memory.carve()), status::ok);
  EXPECT_LE(memory.bytes_touched(), sizeof(uint32_t));
  ASSERT_EQ(full.init(memory.carve()), status::ok);
  EXPECT_LE(memory.bytes_touched(), sizeof(uint32_t));
}

TEST_F(pool_test, an_allocation_touches_no_block_and_at_most_a_word_of_the_map) {
  static pool<64, at<check_level::basic>> basic;
  ASSERT_EQ(basic.init(memory.carve()), status::ok);
  EXPECT_NE(basic.allocate(), nullptr);
  EXPECT_LE(memory.bytes_touched(), sizeof(uint32_t));
}

TEST_F(pool_test, required_bytes_hold_that_many_blocks_and_one_word_less_holds_fewer) {
  const auto check = [](auto& a) {
    using pool_type = detail::remove_reference_t<decltype(a)>;
    for (size_t count = 1; pool_type::required_bytes(count) <= region_bytes - 64;
         count += on_host ? 1 : 1 + count / 8) {
      const size_t bytes = pool_type::required_bytes(count);
      ASSERT_EQ(a.init(memory.carve(0, bytes)), status::ok);
      size_t held = 0;
      while (a.allocate() != nullptr) {
        ++held;
      }
      EXPECT_EQ(held, count);
      held = 0;
      if (a.init(memory.carve(0, bytes - sizeof(void*))) == status::ok) {
        while (a.allocate() != nullptr) {
          ++held;
        }
      }
      EXPECT_LT(held, count);
    }
  };
  static pool<24, at<check_level::none>> none;
  static pool<24, at<check_level::basic>> basic;
  static pool<40, at<check_level::basic>> forty;
  check(none);
  check(basic);
  check(forty);
}

TEST_F(pool_test, any_power_of_two_is_an_alignment) {
  const auto check = [](auto& a, size_t align) {
    for (size_t offset = 0; offset <= 64; offset += 8) {
      ASSERT_EQ(a.init(memory.carve(offset, region_bytes)), status::ok);
      size_t count = 0;
      while (void* p = a.allocate()) {
        EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % align, 0U);
        ++count;
      }
      EXPECT_GE(count, (region_bytes - 2 * align) / (2 * align + 1)) << "a byte each for the map";
    }
    EXPECT_EQ(a.allocate(layout{1, 2 * align}), nullptr);
  };
  static pool<1, at<check_level::basic>, 1> one;
  static pool<33, at<check_level::basic>, 32> odd;
  static pool<128, at<check_level::basic>, 128> line;
  static pool<8, at<check_level::none>, 256> wide;
  check(one, 1 < alignof(void*) ? alignof(void*) : 1);
  check(odd, 32);
  check(line, 128);
  check(wide, 256);
  static_assert(decltype(odd)::block_bytes == 64 && decltype(one)::block_bytes == sizeof(void*));
}

TEST_F(pool_test, for_each_live_visits_each_live_block_once_highest_first) {
  static pool<16, at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve(0, 1024)), status::ok);
  a.for_each_live([](void*) { ADD_FAILURE() << "nothing is live"; });
  static void* blocks[80];
  size_t count = 0;
  while (void* p = a.allocate()) {
    ASSERT_LT(count, 80U);
    blocks[count++] = p;
  }
  for (size_t i = 0; i < count; i += 3) {
    EXPECT_EQ(a.deallocate(blocks[i]), status::ok);
  }
  size_t visited = 0;
  uintptr_t above = UINTPTR_MAX;
  a.for_each_live([&](void* p) {
    EXPECT_LT(reinterpret_cast<uintptr_t>(p), above);
    above = reinterpret_cast<uintptr_t>(p);
    for (size_t i = 0; i < count; i += 3) {
      EXPECT_NE(p, blocks[i]);
    }
    ++visited;
  });
  EXPECT_EQ(visited, count - (count + 2) / 3);
  EXPECT_EQ(visited, a.usage().blocks_in_use);
}

TEST_F(pool_test, the_block_given_back_last_is_handed_out_first) {
  static pool<16, at<check_level::none>> none;
  static pool<16, at<check_level::full>> full;
  const auto check = [](auto& a) {
    ASSERT_EQ(a.init(memory.carve()), status::ok);
    void* first = a.allocate();
    void* second = a.allocate();
    EXPECT_EQ(a.deallocate(first), status::ok);
    EXPECT_EQ(a.deallocate(second), status::ok);
    EXPECT_EQ(a.allocate(), second);
    EXPECT_EQ(a.allocate(), first);
  };
  check(none);
  check(full);
}

TEST_F(pool_test, required_bytes_say_when_no_region_is_large_enough) {
  using small = pool<8, at<check_level::basic>>;
  EXPECT_EQ(small::required_bytes(SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(small::required_bytes(SIZE_MAX / 8), SIZE_MAX);
  static_assert(small::required_bytes(1) > 8 && small::required_bytes(1) <= 16);
}

// --- object_pool

struct counted {
  static inline int alive = 0;
  int value;
  explicit counted(int v) : value(v) {
    ++alive;
  }
  ~counted() {
    --alive;
  }
};

TEST_F(pool_test, an_object_pool_runs_constructors_and_destructors_once) {
  fault_recorder faults;
  static object_pool<counted, at<check_level::basic>> objects;
  ASSERT_EQ(objects.init(memory.carve(0, 512)), status::ok);
  counted::alive = 0;
  counted* one = objects.create(1);
  counted* two = objects.create(2);
  ASSERT_NE(two, nullptr);
  EXPECT_EQ(counted::alive, 2);
  int sum = 0;
  objects.for_each([&](counted& c) { sum += c.value; });
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(objects.destroy(one), status::ok);
  EXPECT_EQ(counted::alive, 1);
  EXPECT_EQ(objects.destroy(one), status::double_free);
  EXPECT_EQ(counted::alive, 1) << "the destructor of a dead object was run";
  EXPECT_EQ(objects.destroy(nullptr), status::ok);
  {
    auto owned = objects.make_unique(5);
    ASSERT_TRUE(owned != nullptr);
    EXPECT_EQ(owned->value, 5);
    EXPECT_EQ(counted::alive, 2);
  }
  EXPECT_EQ(counted::alive, 1);
  while (objects.create(7) != nullptr) {
  }
  EXPECT_TRUE(objects.make_unique(8) == nullptr);
}

}  // namespace
}  // namespace acre::test
