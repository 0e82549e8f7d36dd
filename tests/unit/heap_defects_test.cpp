// SPDX-License-Identifier: MIT
// Defects that other heaps had.
#include "heap_fixture.hpp"

namespace acre::test {
namespace {

template <class Heap>
class heap_defects : public heap_fixture<Heap> {};

TYPED_TEST_SUITE(heap_defects, heaps, heap_names);

TYPED_TEST(heap_defects, a_resize_that_fails_loses_no_neighbour) {
  auto& a = TestFixture::subject;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
  void* const left = a.allocate(100);
  void* const block = a.allocate(60);
  void* const right = a.allocate(200);
  ASSERT_NE(a.allocate(40), nullptr);
  ASSERT_NO_FATAL_FAILURE(TestFixture::take_the_rest());
  EXPECT_EQ(a.deallocate(left), status::ok);
  EXPECT_EQ(a.deallocate(right), status::ok);
  const usage before = a.usage();
  const size_t largest = a.largest_free();
  fill_pattern(block, 60, 1);
  EXPECT_FALSE(a.try_resize(block, 60 + 200 + 100));
  EXPECT_EQ(a.try_extend_left(block, 60 + 200 + 100), nullptr);
  EXPECT_EQ(a.reallocate(block, 1000), nullptr);
  EXPECT_EQ(a.reallocate(block, SIZE_MAX), nullptr);
  EXPECT_TRUE(a.usage() == before);
  EXPECT_EQ(a.largest_free(), largest);
  EXPECT_TRUE(holds_pattern(block, 60, 1));
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_EQ(a.allocate(200), right);
  EXPECT_EQ(a.allocate(100), left);
}

TYPED_TEST(heap_defects, what_was_freed_is_found_again_by_the_same_request) {
  auto& a = TestFixture::subject;
  // Good-fit heaps that round a request up to the next bin do not find a block of its very size.
  for (size_t size = 1; size < region_bytes / 4; size += 1 + size / (on_host ? 64 : 16)) {
    ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
    ASSERT_NE(a.allocate(size), nullptr);
    void* const hole = a.allocate(size);
    ASSERT_NE(a.allocate(size), nullptr);
    ASSERT_NO_FATAL_FAILURE(TestFixture::take_the_rest());
    ASSERT_EQ(a.deallocate(hole, size), status::ok);
    ASSERT_EQ(a.allocate(size), hole) << size;
    ASSERT_EQ(a.deallocate(hole), status::ok);
    const size_t largest = a.largest_free();
    ASSERT_GE(largest, size);
    ASSERT_EQ(a.allocate(largest), hole) << "all of the " << largest << " bytes of the hole";
  }
}

TYPED_TEST(heap_defects, a_reallocate_keeps_the_alignment_that_is_asked_for) {
  auto& a = TestFixture::subject;
  for (size_t align = unit; align <= 128; align *= 2) {
    ASSERT_NO_FATAL_FAILURE(TestFixture::begin(8));
    void* p = a.allocate(40, align);
    ASSERT_NE(p, nullptr);
    fill_pattern(p, 40, 7);
    ASSERT_NE(a.allocate(1), nullptr);  // so that it must move
    for (size_t size = 40; size < region_bytes / 12; size += 100) {
      p = a.reallocate(p, size, align);
      ASSERT_NE(p, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % align, 0U) << size;
      ASSERT_TRUE(holds_pattern(p, 40, 7));
      static_cast<void>(a.allocate(1));
    }
    EXPECT_EQ(a.validate(), status::ok);
  }
  // A block that has it by chance, or has not: the address says, and not the request before.
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin(8));
  for (int i = 0; i < 8; ++i) {
    void* p = a.allocate(unit + 1, 1);
    ASSERT_NE(p, nullptr);
    p = a.reallocate(p, unit + 1, 64);
    ASSERT_NE(p, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 64, 0U);
  }
}

TYPED_TEST(heap_defects, a_fresh_region_serves_as_many_small_blocks_as_its_bytes_allow) {
  auto& a = TestFixture::subject;
  constexpr size_t sizes[] = {1, unit - TypeParam::header_bytes, unit, 2 * unit};
  for (const size_t size : sizes) {
    ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
    const usage fresh = a.usage();
    EXPECT_LE(region_bytes - fresh.bytes_free,
              2 * unit + TypeParam::smallest_block + region_bytes / 32);
    size_t count = 0;
    while (a.allocate(size, 1) != nullptr) {
      ++count;
    }
    EXPECT_EQ(count, fresh.bytes_free / a.block_bytes({size, 1})) << size;
    EXPECT_LE(a.block_bytes({size, 1}),
              detail::max_of(TypeParam::smallest_block,
                             detail::round_up(size + TypeParam::header_bytes, unit)));
  }
}

// That no instruction is spent on the other holes is for the certificate to say, which counts them.
TYPED_TEST(heap_defects, a_free_among_very_many_equal_holes_writes_a_few_words_only) {
  auto& a = TestFixture::subject;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
  size_t count = 0;
  while (count < blocks_max && (blocks[count] = a.allocate(1, 1)) != nullptr) {
    ++count;
  }
  ASSERT_GT(count, region_bytes / 32 - region_bytes / 128);
  size_t most = 0;
  for (size_t i = 1; i < count; i += 2) {
    const region all = test_memory.lent();
    __builtin_memcpy(before_call, all.begin, all.size);
    ASSERT_EQ(a.deallocate(blocks[i]), status::ok);
    size_t written = 0;
    for (size_t at = 0; at < all.size; ++at) {
      written += static_cast<const unsigned char*>(all.begin)[at] != before_call[at] ? 1U : 0U;
    }
    most = detail::max_of(most, written);
  }
  EXPECT_LE(most, TypeParam::smallest_block + 3 * TypeParam::header_bytes);
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_EQ(a.largest_free(), TypeParam::smallest_block - TypeParam::header_bytes);
}

TYPED_TEST(heap_defects, allocate_zeroed_refuses_a_product_that_overflows) {
  auto& a = TestFixture::subject;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
  const usage before = a.usage();
  constexpr size_t half = size_t{1} << (sizeof(size_t) * 4);
  EXPECT_EQ(a.allocate_zeroed(unknown(half), unknown(half)), nullptr)
      << "the product is 0 modulo the word";
  EXPECT_EQ(a.allocate_zeroed(unknown(half + 1), unknown(half)), nullptr);
  EXPECT_EQ(a.allocate_zeroed(unknown(SIZE_MAX), unknown(SIZE_MAX)), nullptr)
      << "the product is 1 modulo the word";
  EXPECT_EQ(a.allocate_zeroed(unknown(SIZE_MAX / 2 + 2), unknown(2)), nullptr);
  EXPECT_EQ(a.allocate_zeroed(unknown(2), unknown(SIZE_MAX / 2 + 2)), nullptr);
  EXPECT_EQ(a.allocate_zeroed(unknown(SIZE_MAX), unknown(1)), nullptr);
  EXPECT_EQ(a.allocate_zeroed(unknown(region_bytes), unknown(1)), nullptr);
  EXPECT_TRUE(a.usage() == before);
  EXPECT_NE(a.allocate_zeroed(unknown(0), unknown(8)), nullptr);
  EXPECT_NE(a.allocate_zeroed(unknown(SIZE_MAX), unknown(0)), nullptr);
  const auto* p = static_cast<const unsigned char*>(a.allocate_zeroed(unknown(7), unknown(31)));
  ASSERT_NE(p, nullptr);
  for (size_t i = 0; i < 7 * 31; ++i) {
    ASSERT_EQ(p[i], 0) << "byte " << i;
  }
}

}  // namespace
}  // namespace acre::test
