// SPDX-License-Identifier: MIT
// A heap of several regions with holes between them.
#include "heap_fixture.hpp"

namespace acre::test {
namespace {

template <class Heap>
class heap_regions : public heap_fixture<Heap> {};

TYPED_TEST_SUITE(heap_regions, heaps, heap_names);

TYPED_TEST(heap_regions, a_second_region_is_used_and_the_hole_before_it_is_not_touched) {
  auto& a = TestFixture::subject;
  constexpr size_t hole = 52;
  constexpr size_t first = region_bytes / 2 - 21;
  const region all = TestFixture::carve(4);
  auto* const begin = static_cast<unsigned char*>(all.begin);
  fill_pattern(begin + first, hole, 88);
  ASSERT_EQ(a.init({begin, first}), status::ok);
  const usage alone = a.usage();
  ASSERT_EQ(a.add_region({begin + first + hole, region_bytes - first - hole}), status::ok);
  const usage both = a.usage();
  EXPECT_GT(both.bytes_free, alone.bytes_free + region_bytes / 4);
  const size_t largest = a.largest_free();
  EXPECT_LT(largest, region_bytes - first);
  for (int round = 0; round < 2; ++round) {
    size_t count = 0;
    bool in_first = false;
    bool in_second = false;
    while (count < blocks_max && (blocks[count] = a.allocate(40)) != nullptr) {
      const size_t at = TestFixture::offset_of(blocks[count]);
      EXPECT_TRUE(at + 40 <= first || at >= first + hole);
      in_first = in_first || at < first;
      in_second = in_second || at > first;
      EXPECT_TRUE(a.owns(blocks[count]));
      ++count;
    }
    EXPECT_TRUE(in_first && in_second);
    EXPECT_EQ(a.validate(), status::ok);
    EXPECT_FALSE(a.owns(begin + first + hole / 2));
    // Forwards and backwards.
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(a.deallocate(blocks[round == 0 ? i : count - 1 - i], 40), status::ok);
    }
    EXPECT_TRUE(a.usage() == both);
    // If both free blocks are of one bin, the one that was freed last is looked at.
    EXPECT_LE(a.largest_free(), largest) << "no block spans the hole";
    EXPECT_GT(a.largest_free(), largest / 2);
    EXPECT_EQ(a.validate(), status::ok);
    EXPECT_TRUE(holds_pattern(begin + first, hole, 88));
  }
}

TYPED_TEST(heap_regions, regions_that_touch_are_not_joined) {
  auto& a = TestFixture::subject;
  const region all = TestFixture::carve();
  auto* const begin = static_cast<unsigned char*>(all.begin);
  constexpr size_t half = region_bytes / 2;
  ASSERT_EQ(a.init({begin, half}), status::ok);
  ASSERT_EQ(a.add_region({begin + half, half}), status::ok);
  EXPECT_LT(a.largest_free(), half);
  EXPECT_EQ(a.allocate(half), nullptr);
  void* const p = a.allocate(a.largest_free());
  void* const q = a.allocate(a.largest_free());
  ASSERT_TRUE(p != nullptr && q != nullptr);
  EXPECT_EQ(a.deallocate(p), status::ok);
  EXPECT_EQ(a.deallocate(q), status::ok);
  EXPECT_EQ(a.allocate(half), nullptr);
  EXPECT_EQ(a.validate(), status::ok);
}

TYPED_TEST(heap_regions, a_region_that_does_not_do_is_refused_and_changes_nothing) {
  auto& a = TestFixture::subject;
  const region all = TestFixture::carve();
  auto* const begin = static_cast<unsigned char*>(all.begin);
  constexpr size_t quarter = region_bytes / 4;
  static TypeParam fresh;
  EXPECT_EQ(fresh.add_region(all), status::not_initialised);
  ASSERT_EQ(a.init({begin + quarter, quarter}), status::ok);
  ASSERT_EQ(a.add_region({begin + 3 * quarter, quarter / 2}), status::ok);
  const usage before = a.usage();
  const size_t largest = a.largest_free();
  struct {
    region memory;
    status expected;
  } const refused[] = {
      {{}, status::invalid_argument},
      {{nullptr, quarter}, status::invalid_argument},
      {{begin + 2 * quarter, 0}, status::invalid_argument},
      {{begin + 2 * quarter, SIZE_MAX}, status::invalid_argument},
      {{begin, quarter / 2}, status::region_out_of_reach},
      {{begin + quarter, quarter}, status::invalid_argument},
      {{begin + quarter + 64, 64}, status::invalid_argument},
      {{begin + 3 * quarter / 2, quarter}, status::invalid_argument},
      {{begin + 2 * quarter, quarter + 64}, status::invalid_argument},
      {{begin + 3 * quarter, 1}, status::invalid_argument},
      {{begin + 2 * quarter, 8}, status::region_too_small},
      {{begin + quarter + TypeParam::max_bytes, quarter}, status::region_out_of_reach},
      {{begin + 2 * quarter, SIZE_MAX / 4}, status::region_out_of_reach},
      {{reinterpret_cast<void*>(UINTPTR_MAX - 255), 256}, status::region_out_of_reach},
  };
  for (const auto& r : refused) {
    EXPECT_EQ(a.add_region(r.memory), r.expected)
        << "at " << TestFixture::offset_of(r.memory.begin) << " of " << r.memory.size;
    EXPECT_TRUE(a.usage() == before);
    EXPECT_EQ(a.largest_free(), largest);
    EXPECT_EQ(a.validate(), status::ok);
  }
  EXPECT_EQ(a.add_region({begin + 2 * quarter, quarter}), status::ok) << "just between";
  EXPECT_EQ(a.validate(), status::ok);
}

}  // namespace
}  // namespace acre::test
