// SPDX-License-Identifier: MIT
// What a heap says of sizes, and which requests it must serve.
#include "heap_fixture.hpp"

namespace acre::test {
namespace {

template <class Heap>
class heap_sizes : public heap_fixture<Heap> {};

TYPED_TEST_SUITE(heap_sizes, heaps, heap_names);

TYPED_TEST(heap_sizes, all_of_the_usable_size_may_be_used_and_any_size_up_to_it_given_back) {
  auto& a = TestFixture::subject;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
  const usage fresh = a.usage();
  for (size_t size = 0; size < 300; size += 7) {
    const sized_block b = a.allocate_at_least(size);
    ASSERT_NE(b.address, nullptr);
    EXPECT_GE(b.size, size);
    EXPECT_EQ(b.size, a.usable_size(b.address));
    fill_pattern(b.address, b.size, 9);
    EXPECT_EQ(a.validate(), status::ok) << "all of " << b.size << " bytes is the caller's";
    EXPECT_EQ(a.deallocate(b.address, size % 2 == 0 ? size : b.size), status::ok) << size;
  }
  EXPECT_TRUE(a.usage() == fresh);
}

TYPED_TEST(heap_sizes, growing_to_the_left_leaves_the_contents_at_the_old_address) {
  auto& a = TestFixture::subject;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
  void* const left = a.allocate(200);
  auto* const block = static_cast<unsigned char*>(a.allocate(64));
  ASSERT_NO_FATAL_FAILURE(TestFixture::take_the_rest());
  ASSERT_EQ(a.deallocate(left), status::ok);
  fill_pattern(block, 64, 5);
  auto* const grown = static_cast<unsigned char*>(a.try_extend_left(block, 150));
  ASSERT_NE(grown, nullptr);
  EXPECT_LT(grown, block);
  EXPECT_GE(grown, left);
  EXPECT_GE(a.usable_size(grown), 150U);
  EXPECT_TRUE(holds_pattern(block, 64, 5));
  EXPECT_EQ(a.try_extend_left(grown, 100), grown) << "it is large enough";
  // reallocate grows to the left as well, and moves the contents down, where they overlap.
  fill_pattern(grown, 150, 6);
  auto* const again = static_cast<unsigned char*>(a.reallocate(grown, 250));
  ASSERT_NE(again, nullptr);
  EXPECT_LT(again, grown);
  EXPECT_GE(again, left);
  EXPECT_TRUE(holds_pattern(again, 150, 6));
  EXPECT_EQ(a.validate(), status::ok);
}

TYPED_TEST(heap_sizes, walk_shows_every_block_once_from_the_lowest_address_up) {
  auto& a = TestFixture::subject;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
  random stream;
  size_t count = 0;
  for (; count < 64; ++count) {
    blocks[count] = a.allocate(1 + stream.below(region_bytes / 128));
    if (blocks[count] == nullptr) {
      break;
    }
  }
  for (size_t i = 0; i < count; i += 3) {
    ASSERT_EQ(a.deallocate(blocks[i]), status::ok);
  }
  heap_block shown[64];
  size_t live = 0;
  size_t bytes = 0;
  const void* last = nullptr;
  bool last_was_free = false;
  a.walk([&](const heap_block& b) {
    EXPECT_GT(b.address, last);
    EXPECT_FALSE(!b.live && last_was_free) << "no two free blocks are neighbours";
    if (b.live) {
      shown[live++] = b;
    }
    bytes += b.size + TypeParam::header_bytes;
    last = b.address;
    last_was_free = !b.live;
    return true;
  });
  for (size_t i = 0; i < live; ++i) {
    EXPECT_EQ(shown[i].size, a.usable_size(shown[i].address));
  }
  EXPECT_EQ(live, a.usage().blocks_in_use);
  EXPECT_EQ(live, count - (count + 2) / 3);
  EXPECT_EQ(bytes, a.usage().bytes_in_use + a.usage().bytes_free);
  EXPECT_EQ(a.free_bytes(), a.usage().bytes_free);
  size_t visits = 0;
  a.walk([&](const heap_block&) { return ++visits < 3; });
  EXPECT_EQ(visits, 3U);
}

TYPED_TEST(heap_sizes, a_validation_in_steps_comes_to_an_end_while_the_heap_is_used) {
  if constexpr (TypeParam::policies_type::level != check_level::none) {
    auto& a = TestFixture::subject;
    ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
    random stream;
    for (size_t i = 0; i < 32; ++i) {
      blocks[i] = nullptr;
    }
    for (size_t steps = 1; steps < 9; steps *= 2) {
      heap_cursor cursor;
      uint32_t calls = 0;
      while (!cursor.finished()) {
        ASSERT_EQ(a.validate_step(cursor, steps), status::ok);
        ASSERT_LT(++calls, 4 * region_bytes / unit);
        void*& b = blocks[stream.below(32)];
        if (b != nullptr) {
          ASSERT_EQ(a.deallocate(b), status::ok);
          b = nullptr;
        } else {
          b = a.allocate(1 + stream.below(region_bytes / 32));
        }
      }
      EXPECT_EQ(a.validate_step(cursor, steps), status::ok) << "and is over";
    }
  }
}

// The bins above the exact ones hold several sizes, and one look has to do.
TYPED_TEST(heap_sizes, a_request_is_served_if_a_free_block_of_a_larger_bin_is_there) {
  using shape = engine::heap_shape<TypeParam::max_bytes, unit>;
  auto& a = TestFixture::subject;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
  random stream;
  for (size_t i = 0; i < 48; ++i) {
    blocks[i] = nullptr;
  }
  uint32_t refused = 0;
  uint32_t between = 0;
  for (uint32_t step = 0; step < (on_host ? 4000U : 400U); ++step) {
    current_step = step;
    void*& b = blocks[stream.below(48)];
    if (b != nullptr) {
      ASSERT_EQ(a.deallocate(b), status::ok);
      b = nullptr;
      continue;
    }
    size_t largest = 0;
    a.walk([&](const heap_block& free) {
      largest = free.live ? largest : detail::max_of(largest, free.size + TypeParam::header_bytes);
      return true;
    });
    const size_t size = 1 + stream.below(region_bytes / (1U << stream.below(6)));
    const size_t want = a.block_bytes({size, 1});
    b = a.allocate(size, 1);
    if (want > largest) {
      ASSERT_EQ(b, nullptr);
      ++refused;
    } else if (want < shape::linear || shape::largest_in_bin_of(want) < largest) {
      ASSERT_NE(b, nullptr) << "wanted " << want << ", and " << largest << " is free";
    } else {
      between += b == nullptr ? 1U : 0U;
    }
  }
  EXPECT_GT(refused, 10U);
  EXPECT_LT(between, refused) << "free blocks that were missed";
  EXPECT_EQ(a.validate(), status::ok);
}

}  // namespace
}  // namespace acre::test
