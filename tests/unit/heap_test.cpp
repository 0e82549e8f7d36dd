// SPDX-License-Identifier: MIT
// What only heap promises: resizing in place and elsewhere, several regions, a proved bound; and the
// defects that other heaps had.
#include <gtest/gtest.h>

#include "model/model.hpp"
#include "support/fault_recorder.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

#include <acre/heap.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {
namespace {

constexpr size_t small_bytes = 16 * 1024;
constexpr size_t wide_bytes = 1024 * 1024;

template <size_t MaxBytes, check_level Level>
using plain_heap = heap<MaxBytes, policies<no_lock, checks<Level>, no_observer>>;

constexpr size_t unit = plain_heap<small_bytes, check_level::basic>::natural_alignment;

// Shared by all tests of all heaps: small boards have 16 KiB.
void* blocks[blocks_max];
unsigned char before_call[region_bytes];

/// The same number, which the compiler does not know: it warns of sizes that are too large.
size_t unknown(size_t n) {
  __asm__ volatile("" : "+r"(n));
  return n;
}

template <class Heap>
class heap_test : public seeded_test {
 protected:
  static constexpr check_level level = Heap::policies_type::level;
  static constexpr bool checked = level != check_level::none;

  static inline Heap subject;

  static region carve(size_t offset = 0, size_t size = region_bytes) {
    return test_memory.carve(offset, size);
  }
  static void begin(size_t offset = 0, size_t size = region_bytes) {
    ASSERT_EQ(subject.init(carve(offset, size)), status::ok);
  }
  static size_t offset_of(const void* p) {
    return reinterpret_cast<uintptr_t>(p) - test_memory.lent().address();
  }
  /// Takes all that is left, so that the next free block is the only one.
  static void take_the_rest() {
    for (size_t n = 0; subject.largest_free() != 0 && n < blocks_max; ++n) {
      ASSERT_NE(subject.allocate(subject.largest_free(), unit), nullptr);
    }
  }
  void TearDown() override {
    EXPECT_TRUE(test_memory.guards_intact());
    seeded_test::TearDown();
  }
};

template <size_t MaxBytes>
using heaps_of = ::testing::Types<plain_heap<MaxBytes, check_level::none>,
                                  plain_heap<MaxBytes, check_level::basic>,
                                  plain_heap<MaxBytes, check_level::full>>;
using all_heaps = ::testing::Types<
    plain_heap<small_bytes, check_level::none>, plain_heap<small_bytes, check_level::basic>,
    plain_heap<small_bytes, check_level::full>, plain_heap<wide_bytes, check_level::none>,
    plain_heap<wide_bytes, check_level::basic>, plain_heap<wide_bytes, check_level::full>>;
using heaps = detail::conditional_t<on_small_board, heaps_of<small_bytes>, all_heaps>;

struct heap_names {
  template <class Heap>
  static const char* GetName(int) {
    constexpr bool wide = Heap::max_bytes == wide_bytes;
    switch (Heap::policies_type::level) {
      case check_level::none:
        return wide ? "wide_none" : "small_none";
      case check_level::basic:
        return wide ? "wide_basic" : "small_basic";
      default:
        return wide ? "wide_full" : "small_full";
    }
  }
};

TYPED_TEST_SUITE(heap_test, heaps, heap_names);

// --- defects of other heaps

TYPED_TEST(heap_test, a_resize_that_fails_loses_no_neighbour) {
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

TYPED_TEST(heap_test, what_was_freed_is_found_again_by_the_same_request) {
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

TYPED_TEST(heap_test, a_reallocate_keeps_the_alignment_that_is_asked_for) {
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

TYPED_TEST(heap_test, a_fresh_region_serves_as_many_small_blocks_as_its_bytes_allow) {
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
TYPED_TEST(heap_test, a_free_among_very_many_equal_holes_writes_a_few_words_only) {
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

TYPED_TEST(heap_test, allocate_zeroed_refuses_a_product_that_overflows) {
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

// --- every function, every argument

TYPED_TEST(heap_test, every_function_takes_null_and_nothing_impossible) {
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

TYPED_TEST(heap_test, every_function_refuses_what_is_no_live_block) {
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

TYPED_TEST(heap_test, regions_of_every_size_near_the_smallest_and_the_largest_are_judged) {
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

// --- sizes

TYPED_TEST(heap_test, all_of_the_usable_size_may_be_used_and_any_size_up_to_it_given_back) {
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

TYPED_TEST(heap_test, growing_to_the_left_leaves_the_contents_at_the_old_address) {
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

TYPED_TEST(heap_test, walk_shows_every_block_once_from_the_lowest_address_up) {
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

TYPED_TEST(heap_test, a_validation_in_steps_comes_to_an_end_while_the_heap_is_used) {
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
TYPED_TEST(heap_test, a_request_is_served_if_a_free_block_of_a_larger_bin_is_there) {
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

// --- regions

TYPED_TEST(heap_test, a_second_region_is_used_and_the_hole_before_it_is_not_touched) {
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

TYPED_TEST(heap_test, regions_that_touch_are_not_joined) {
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

TYPED_TEST(heap_test, a_region_that_does_not_do_is_refused_and_changes_nothing) {
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

// --- required_bytes

struct entry {
  void* p;
  uint16_t size;
};
entry entries[blocks_max];

template <class Heap>
class adversary {
 public:
  adversary(Heap& a, size_t limit) : a_(a), limit_(limit) {}

  /// Allocates blocks of `size` until the limit is reached: null is never an answer.
  void fill(size_t size) {
    const size_t cost = Heap::block_bytes({size, 1});
    while (live_ + cost <= limit_ && count_ < blocks_max) {
      void* p = a_.allocate(size, 1);
      ASSERT_NE(p, nullptr) << live_ << " of " << limit_ << " bytes are live, wanted " << size;
      highest_ = detail::max_of(
          highest_, reinterpret_cast<uintptr_t>(p) + size - test_memory.lent().address());
      entries[count_++] = {p, static_cast<uint16_t>(size)};
      live_ += cost;
    }
  }
  /// Gives back all blocks but those for which keep(index in the order of addresses) is true.
  template <class Keep>
  void free_but(Keep&& keep) {
    for (size_t i = 1; i < count_; ++i) {  // nearly sorted
      for (size_t k = i; k != 0 && entries[k].p < entries[k - 1].p; --k) {
        const entry swap = entries[k];
        entries[k] = entries[k - 1];
        entries[k - 1] = swap;
      }
    }
    size_t kept = 0;
    for (size_t i = 0; i < count_; ++i) {
      if (keep(i)) {
        entries[kept++] = entries[i];
      } else {
        live_ -= Heap::block_bytes({entries[i].size, 1});
        ASSERT_EQ(a_.deallocate(entries[i].p, entries[i].size, 1), status::ok);
      }
    }
    count_ = kept;
  }
  [[nodiscard]] size_t highest() const {
    return highest_;
  }
  [[nodiscard]] size_t count() const {
    return count_;
  }

 private:
  Heap& a_;
  size_t limit_;
  size_t live_ = 0;
  size_t count_ = 0;
  size_t highest_ = 0;
};

TYPED_TEST(heap_test, a_region_of_required_bytes_withstands_every_adversary) {
  auto& a = TestFixture::subject;
  struct load {
    size_t live;
    size_t largest;
    size_t smallest;
  };
  constexpr load loads[] = {
    {400, 64, 32},
    {600, 100, 20},
    {640, 128, 1},
#if defined(ACRE_TEST_HOST)
    {2000, 64, 30},
    {2000, 200, 1},
    {4000, 64, 8},
    {3000, 500, 100},
    {1500, 1000, 150},
    {6000, 200, 100}
#endif
  };
  uint32_t run = 0;
  size_t tightest = 0;
  for (const load& l : loads) {
    const size_t bytes = TypeParam::required_bytes(l.live, l.largest, l.smallest, unit);
    if (bytes > region_bytes) {
      continue;
    }
    size_t most = 0;
    for (size_t keep = 2; keep < 9; ++keep) {
      for (int way = 0; way < 3; ++way) {
        current_step = run++;
        ASSERT_EQ(a.init(test_memory.carve(0, bytes)), status::ok);
        adversary<TypeParam> enemy(a, l.live);
        random stream(static_cast<uint32_t>(keep));
        const auto keeps = [&](size_t i) {
          return way == 2 ? stream.one_in(static_cast<uint32_t>(keep)) : i % keep == 0;
        };
        for (size_t size = l.smallest; size <= l.largest;
             size = way == 0 ? 2 * size : size + unit) {
          ASSERT_NO_FATAL_FAILURE(enemy.fill(size));
          ASSERT_NO_FATAL_FAILURE(enemy.free_but(keeps));
        }
        ASSERT_NO_FATAL_FAILURE(enemy.fill(l.largest));
        ASSERT_EQ(a.validate(), status::ok);
        most = detail::max_of(most, enemy.highest());
        ASSERT_NO_FATAL_FAILURE(enemy.free_but([](size_t) { return false; }));
        EXPECT_EQ(a.usage().blocks_in_use, 0U);
      }
    }
    EXPECT_LE(most, bytes);
    EXPECT_GT(most, l.live) << "the adversary is none";
    tightest = detail::max_of(tightest, most * 100 / bytes);
    print_line("  ", uint64_t{l.live}, " bytes live, blocks of ", uint64_t{l.smallest}, " to ",
               uint64_t{l.largest}, ": highest address ", uint64_t{most}, ", region ",
               uint64_t{bytes});
  }
  EXPECT_GT(run, 0U);
  EXPECT_GT(tightest, 80U) << "the bound is far above what anything needs";
}

TYPED_TEST(heap_test, required_bytes_refuse_what_cannot_be) {
  EXPECT_EQ(TypeParam::required_bytes(SIZE_MAX, 16), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes(1024, SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes(1024, 16, 32), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes(TypeParam::max_bytes, 16, 16), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes_for({SIZE_MAX, 1}), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes_for({1, 3}), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes_for({1, SIZE_MAX / 2 + 1}), SIZE_MAX);
}

TYPED_TEST(heap_test, a_region_of_required_bytes_for_a_layout_serves_it_wherever_it_begins) {
  auto& a = TestFixture::subject;
  for (size_t align = 1; align <= 256; align *= 4) {
    for (size_t size = 1; size < 500; size += 37) {
      const size_t bytes = TypeParam::required_bytes_for({size, align});
      for (size_t offset = 0; offset < 64; offset += 5) {
        ASSERT_EQ(a.init(test_memory.carve(offset, bytes)), status::ok);
        ASSERT_NE(a.allocate(size, align), nullptr)
            << size << " aligned to " << align << " in " << bytes << " at " << offset;
      }
    }
  }
}

// --- the same everywhere

/// The offsets that a fixed sequence of calls gets, as a hash.
template <class Heap>
uint32_t hash_of_trace() {
  constexpr size_t slots = 24;
  static Heap a;
  static struct {
    void* p;
    size_t size;
  } held[slots];
  uint32_t hash = 0x811C'9DC5;
  EXPECT_EQ(a.init(test_memory.carve(0, 1400)), status::ok);
  for (auto& h : held) {
    h = {};
  }
  uint32_t state = 12345;
  const auto below = [&](uint32_t count) {
    state = state * 1'664'525 + 1'013'904'223;
    return (state >> 16) % count;
  };
  for (int step = 0; step < 3000; ++step) {
    auto& h = held[below(slots)];
    const size_t size = 1 + below(100);
    const uint32_t what = below(4);
    if (h.p == nullptr) {
      h = {a.allocate(size, size_t{1} << below(6)), size};
    } else if (what == 0) {
      h.size = a.try_resize(h.p, size) ? size : h.size;
    } else if (what == 1) {
      void* const moved = a.reallocate(h.p, size, 4);
      h = {moved == nullptr ? h.p : moved, moved == nullptr ? h.size : size};
    } else {
      EXPECT_EQ(a.deallocate(h.p), status::ok);
      h = {};
    }
    const size_t at =
        h.p == nullptr ? 1 : reinterpret_cast<uintptr_t>(h.p) - test_memory.lent().address();
    hash = (hash ^ static_cast<uint32_t>(at)) * 16'777'619U;
  }
  EXPECT_EQ(a.validate(), status::ok);
  return hash;
}

// On every machine of one word size: so what one of them does can be replayed on another.
TEST(heap_trace, the_same_calls_get_the_same_offsets_on_every_machine) {
  constexpr bool is_32 = sizeof(void*) == 4;
  const uint32_t narrow = hash_of_trace<plain_heap<small_bytes, check_level::basic>>();
  const uint32_t wide = hash_of_trace<plain_heap<wide_bytes, check_level::basic>>();
  print_line("  narrow ", uint64_t{narrow}, ", wide ", uint64_t{wide});
  EXPECT_EQ(narrow, (hash_of_trace<plain_heap<small_bytes, check_level::full>>()));
  EXPECT_EQ(wide, (hash_of_trace<plain_heap<wide_bytes, check_level::full>>()));
  EXPECT_EQ(narrow, is_32 ? 3574657295U : 3980270979U);
  EXPECT_EQ(wide, is_32 ? 27287507U : 1769442652U);
}

}  // namespace
}  // namespace acre::test
