// SPDX-License-Identifier: MIT
// Every function of a heap with every argument, good and bad.
#include "heap_fixture.hpp"
#include "support/fault_recorder.hpp"

namespace acre::test {
namespace {

template <class Heap>
class heap_calls : public heap_fixture<Heap> {};

TYPED_TEST_SUITE(heap_calls, heaps, heap_names);

TYPED_TEST(heap_calls, every_function_takes_null_and_nothing_impossible) {
  auto& a = TestFixture::subject;
  fault_recorder faults;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
  const usage before = a.usage();
  constexpr size_t impossible[] = {
      region_bytes,        TypeParam::max_bytes, SIZE_MAX / 2, SIZE_MAX / 2 + 1,
      SIZE_MAX - 2 * unit, SIZE_MAX - unit,      SIZE_MAX - 1, SIZE_MAX};
  EXPECT_EQ(a.deallocate(nullptr), status::ok);
  EXPECT_EQ(a.deallocate(nullptr, SIZE_MAX, 3), status::ok);
  EXPECT_EQ(a.usable_size(nullptr), 0U);
  EXPECT_FALSE(a.try_resize(nullptr, 8));
  EXPECT_EQ(a.try_extend_left(nullptr, 8), nullptr);
  for (const size_t size : impossible) {
    EXPECT_EQ(a.allocate(size), nullptr);
    EXPECT_EQ(a.allocate(size, 64), nullptr);
    EXPECT_EQ(a.allocate(1, size), nullptr) << "an alignment";
    EXPECT_EQ(a.allocate_at_least(size).address, nullptr);
    EXPECT_EQ(a.allocate_at_least(size).size, 0U);
    EXPECT_EQ(a.reallocate(nullptr, size), nullptr);
    EXPECT_FALSE(a.try_resize(nullptr, size));
  }
  constexpr size_t no_alignments[] = {0, 3, 24, SIZE_MAX};
  for (const size_t align : no_alignments) {
    EXPECT_EQ(a.allocate(8, align), nullptr) << align;
    EXPECT_EQ(a.allocate_at_least(8, align).address, nullptr) << align;
    EXPECT_EQ(a.reallocate(nullptr, 8, align), nullptr) << align;
  }
  EXPECT_TRUE(a.usage() == before);

  void* const p = a.reallocate(nullptr, 50);
  ASSERT_NE(p, nullptr);
  fill_pattern(p, 50, 3);
  const usage one = a.usage();
  for (const size_t size : impossible) {
    EXPECT_FALSE(a.try_resize(p, size));
    EXPECT_EQ(a.try_extend_left(p, size), nullptr);
    EXPECT_EQ(a.reallocate(p, size), nullptr);
    EXPECT_EQ(a.reallocate(p, size, 256), nullptr);
  }
  for (const size_t align : no_alignments) {
    EXPECT_EQ(a.reallocate(p, 8, align), nullptr) << align;
  }
  EXPECT_TRUE(a.usage() == one);
  EXPECT_TRUE(holds_pattern(p, 50, 3));
  EXPECT_TRUE(a.try_resize(p, 0));
  EXPECT_GE(a.usable_size(p), 1U);
  EXPECT_EQ(a.reallocate(p, 0), p);
  EXPECT_EQ(a.deallocate(p, 0, 1), status::ok);
  EXPECT_TRUE(a.usage() == before);
  EXPECT_EQ(faults.total(), 0U) << "none of it is misuse";
}

TYPED_TEST(heap_calls, every_function_refuses_what_is_no_live_block) {
  if constexpr (TypeParam::policies_type::level != check_level::none) {
    auto& a = TestFixture::subject;
    fault_recorder faults;
    ASSERT_NO_FATAL_FAILURE(TestFixture::begin());
    auto* const live = static_cast<unsigned char*>(a.allocate(100));
    auto* const freed = static_cast<unsigned char*>(a.allocate(100));
    ASSERT_NE(a.allocate(100), nullptr);
    ASSERT_EQ(a.deallocate(freed), status::ok);
    static int elsewhere;
    int on_stack = 0;
    void* const wrong[] = {freed,
                           live + unit,
                           live + 1,
                           live - 1,
                           freed + 2 * unit,
                           freed + unit + 1,
                           &elsewhere,
                           &on_stack,
                           test_memory.lent().begin,
                           static_cast<unsigned char*>(test_memory.lent().begin) + region_bytes,
                           reinterpret_cast<void*>(unit),
                           reinterpret_cast<void*>(UINTPTR_MAX - 15)};
    const usage before = a.usage();
    uint32_t told = 0;
    for (void* p : wrong) {
      SCOPED_TRACE(p);
      EXPECT_TRUE(is_misuse(a.deallocate(hidden(p))));
      EXPECT_EQ(faults.total(), ++told);
      EXPECT_TRUE(is_misuse(a.deallocate(hidden(p), 100)));
      EXPECT_EQ(faults.total(), ++told);
      EXPECT_FALSE(a.try_resize(hidden(p), 10));
      EXPECT_EQ(faults.total(), ++told);
      EXPECT_EQ(a.try_extend_left(hidden(p), 200), nullptr);
      EXPECT_EQ(faults.total(), ++told);
      EXPECT_EQ(a.reallocate(hidden(p), 10, 1), nullptr);
      EXPECT_EQ(faults.total(), ++told);
      EXPECT_EQ(a.reallocate(hidden(p), 10, 512), nullptr);
      EXPECT_EQ(faults.total(), ++told) << "reallocate to an alignment that the address has not";
      told = faults.total();
      EXPECT_EQ(a.usable_size(p), 0U);
      EXPECT_FALSE(a.is_live(p, {100, 1}));
      EXPECT_EQ(faults.total(), told) << "asking is no misuse";
      EXPECT_TRUE(a.usage() == before);
      EXPECT_EQ(a.validate(), status::ok);
    }
    EXPECT_EQ(a.usable_size(live), a.block_bytes({100, 1}) - TypeParam::header_bytes);
  }
}

TYPED_TEST(heap_calls, regions_of_every_size_near_the_smallest_and_the_largest_are_judged) {
  using allocator = plain_heap<1024, TypeParam::policies_type::level>;
  static allocator one;
  for (size_t offset = 0; offset < 2 * unit; ++offset) {
    size_t least = 0;
    for (size_t size = 1; least == 0 && size < 256; ++size) {
      const status said = one.init(test_memory.carve(offset, size));
      if (said == status::ok) {
        least = size;
      } else {
        EXPECT_EQ(said, status::region_too_small) << size;
        EXPECT_TRUE(test_memory.untouched());
        EXPECT_EQ(one.allocate(1), nullptr);
      }
    }
    ASSERT_NE(least, 0U);
    EXPECT_LE(least, allocator::required_bytes_for({1, 1})) << "wherever it begins";
    EXPECT_NE(one.allocate(1), nullptr) << "a region that is accepted holds a block";
    EXPECT_EQ(one.validate(), status::ok);
    EXPECT_TRUE(test_memory.guards_intact());

    for (size_t size = 1022; size <= 1024; ++size) {
      ASSERT_EQ(one.init(test_memory.carve(offset, size)), status::ok) << size;
      void* p = one.allocate(one.largest_free(), unit);
      ASSERT_NE(p, nullptr);
      EXPECT_EQ(one.largest_free(), 0U);
      EXPECT_EQ(one.deallocate(p), status::ok);
      EXPECT_EQ(one.validate(), status::ok);
      EXPECT_TRUE(test_memory.guards_intact());
    }
    EXPECT_EQ(one.init(test_memory.carve(offset, 1025)), status::region_too_large);
    EXPECT_TRUE(test_memory.untouched());
    EXPECT_EQ(one.allocate(1), nullptr) << "as if never initialised";
    auto* const begin = static_cast<unsigned char*>(test_memory.lent().begin);
    EXPECT_EQ(one.init({begin, SIZE_MAX}), status::invalid_argument);
    EXPECT_EQ(one.init({begin, SIZE_MAX - reinterpret_cast<uintptr_t>(begin) + 2}),
              status::invalid_argument);
    EXPECT_EQ(one.init({begin, SIZE_MAX / 2 - reinterpret_cast<uintptr_t>(begin) / 2}),
              status::region_too_large);
  }
}

}  // namespace
}  // namespace acre::test
