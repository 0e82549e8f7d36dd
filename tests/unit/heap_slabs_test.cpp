// SPDX-License-Identifier: MIT
// What only a heap with slabs in front promises: small blocks without a header, and slabs that the heap
// gives out and takes back.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

#include <acre/heap.hpp>

namespace acre::test {
namespace {

constexpr size_t bytes = on_host ? 16384 : 4096;
constexpr size_t granule = config::heap_align;
constexpr size_t limit = 4 * granule;
constexpr size_t slab_bytes = 32 * granule;

guarded_memory<bytes> memory;
void* blocks[bytes / granule];

template <check_level Level>
using heap_at = heap<bytes, policies<no_lock, checks<Level>, usage_counters>, limit>;
using checked_heap = heap_at<check_level::full>;

checked_heap a;

class heap_slabs_test : public seeded_test {
 protected:
  void SetUp() override {
    ASSERT_EQ(a.init(memory.carve()), status::ok);
  }
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    seeded_test::TearDown();
  }
};

size_t drain(size_t size) {
  size_t count = 0;
  while (void* p = a.allocate(size, 1)) {
    blocks[count++] = p;
  }
  return count;
}

void give_back(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    ASSERT_EQ(a.deallocate(blocks[i]), status::ok);
  }
}

TEST_F(heap_slabs_test, objects_of_two_granules_fill_85_percent_of_the_region) {
  const size_t count = drain(2 * granule);
  EXPECT_GE(count * 2 * granule * 100, bytes * 85);
  give_back(count);
  EXPECT_EQ(a.validate(), status::ok);
}

TEST_F(heap_slabs_test, every_small_size_gets_a_whole_object_and_keeps_its_contents) {
  size_t count = 0;
  for (size_t size = 1; size <= limit; ++size, ++count) {
    blocks[count] = a.allocate(size, 1);
    ASSERT_NE(blocks[count], nullptr);
    EXPECT_EQ(a.usable_size(blocks[count]), detail::round_up(size, granule));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(blocks[count]) % granule, 0U);
    __builtin_memset(blocks[count], static_cast<int>(size), a.usable_size(blocks[count]));
  }
  ASSERT_EQ(a.validate(), status::ok);
  for (size_t i = 0; i < count; ++i) {
    for (size_t at = 0; at < a.usable_size(blocks[i]); ++at) {
      ASSERT_EQ(static_cast<unsigned char*>(blocks[i])[at], static_cast<unsigned char>(i + 1));
    }
  }
  give_back(count);
  EXPECT_EQ(a.observer().read().bytes_in_use, 0U);
}

TEST_F(heap_slabs_test, empty_slabs_go_back_to_the_heap_except_one_a_class) {
  const size_t fresh = a.largest_free();
  give_back(drain(granule));
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
  // One slab stays somewhere; on either side of it is the rest.
  EXPECT_GE(a.largest_free(), (fresh - slab_bytes) / 2 - slab_bytes);
  const size_t large = a.largest_free();
  void* block = a.allocate(large, 1);
  EXPECT_NE(block, nullptr);
  EXPECT_EQ(a.deallocate(block, large, 1), status::ok);
}

TEST_F(heap_slabs_test, a_small_request_gets_a_block_of_the_heap_where_no_slab_fits) {
  const size_t count = drain(slab_bytes);
  ASSERT_LT(a.largest_free(), slab_bytes);
  const size_t left = a.largest_free();
  void* block = a.allocate(limit, 1);
  EXPECT_EQ(block != nullptr, left >= limit);
  if (block != nullptr) {
    EXPECT_EQ(a.deallocate(block, limit, 1), status::ok);
  }
  give_back(count);
}

TEST_F(heap_slabs_test, finds_every_bad_free_of_an_object_before_anything_changes) {
  auto* object = static_cast<unsigned char*>(a.allocate(2 * granule, 1));
  void* other = a.allocate(2 * granule, 1);
  ASSERT_NE(other, nullptr);
  fault_recorder faults;
  EXPECT_EQ(a.deallocate(object + 1), status::misaligned_pointer);
  EXPECT_EQ(a.deallocate(object + granule), status::interior_pointer);
  EXPECT_EQ(a.deallocate(object, 2 * granule + 1, 1), status::wrong_size);
  EXPECT_EQ(a.deallocate(object + 4 * granule), status::double_free);
  EXPECT_EQ(a.deallocate(hidden(&a)), status::foreign_pointer);
  // The end of the slab, where no object is.
  const auto at = reinterpret_cast<uintptr_t>(object);
  EXPECT_EQ(a.deallocate(reinterpret_cast<void*>((at | (slab_bytes - 1)) + 1 - granule)),
            status::interior_pointer);
  EXPECT_EQ(a.usable_size(object + granule), 0U);
  EXPECT_FALSE(a.try_resize(object + granule, 1));
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_EQ(a.deallocate(object), status::ok);
  EXPECT_EQ(a.deallocate(object), status::double_free);
  EXPECT_EQ(faults.total(), 8U);
  EXPECT_EQ(a.deallocate(other), status::ok);
}

TEST_F(heap_slabs_test, an_object_is_resized_within_its_class_and_moves_beyond_it) {
  auto* object = static_cast<unsigned char*>(a.allocate(granule, 1));
  __builtin_memset(object, 0x5A, granule);
  EXPECT_TRUE(a.try_resize(object, 1));
  EXPECT_TRUE(a.try_resize(object, granule));
  EXPECT_FALSE(a.try_resize(object, granule + 1));
  EXPECT_EQ(a.try_extend_left(object, granule), object);
  EXPECT_EQ(a.try_extend_left(object, granule + 1), nullptr);
  auto* moved = static_cast<unsigned char*>(a.reallocate(object, slab_bytes));
  ASSERT_NE(moved, nullptr);
  EXPECT_NE(moved, object);
  for (size_t i = 0; i < granule; ++i) {
    EXPECT_EQ(moved[i], 0x5A);
  }
  auto* back = static_cast<unsigned char*>(a.reallocate(moved, granule));
  EXPECT_EQ(back[granule - 1], 0x5A);
  EXPECT_EQ(a.deallocate(back), status::ok);
  EXPECT_EQ(a.observer().read().blocks_in_use, 0U);
}

TEST_F(heap_slabs_test, a_walk_shows_objects_and_not_their_slab) {
  void* object = a.allocate(granule, 1);
  size_t live = 0;
  size_t free_objects = 0;
  bool found = false;
  a.walk([&](const heap_block& block) {
    live += block.live ? 1 : 0;
    free_objects += !block.live && block.size == granule ? 1 : 0;
    found = found || (block.live && block.address == object);
    return true;
  });
  EXPECT_TRUE(found);
  EXPECT_EQ(live, 1U);
  EXPECT_GE(free_objects, 29U);
  EXPECT_EQ(a.deallocate(object), status::ok);
}

TEST_F(heap_slabs_test, validate_sees_a_mask_with_a_bit_that_is_no_object) {
  auto* object = static_cast<unsigned char*>(a.allocate(granule, 1));
  const auto at = reinterpret_cast<uintptr_t>(object);
  // The mask lies behind the last object: the one word there with a bit for every object but ours.
  const uintptr_t end = detail::round_down(at, slab_bytes) + slab_bytes;
  auto* mask = reinterpret_cast<uint32_t*>(end - 2 * granule);
  while (reinterpret_cast<uintptr_t>(mask) < end && (*mask | 1U) != ~uint32_t{0} >> 2 &&
         (*mask | 1U) != ~uint32_t{0} >> 1) {
    ++mask;
  }
  ASSERT_LT(reinterpret_cast<uintptr_t>(mask), end);
  *mask |= uint32_t{1} << 31;
  EXPECT_EQ(a.validate(), status::corrupted);
  *mask &= ~(uint32_t{1} << 31);
  EXPECT_EQ(a.validate(), status::ok);
}

TEST_F(heap_slabs_test, random_calls_keep_every_invariant) {
  test::random pick(1);
  size_t count = 0;
  constexpr size_t most = sizeof(blocks) / sizeof(*blocks) / 8;
  for (uint32_t step = 0; step < random_steps / 2; ++step) {
    if (count < most && (count == 0 || pick.below(2) == 0)) {
      const size_t size = 1 + pick.below(pick.below(4) == 0 ? 2 * slab_bytes : limit + granule);
      if (void* p = a.allocate(size, 1); p != nullptr) {
        __builtin_memset(p, 0xA5, size);
        blocks[count++] = p;
      }
    } else {
      const size_t i = pick.below(count);
      ASSERT_EQ(a.deallocate(blocks[i]), status::ok);
      blocks[i] = blocks[--count];
    }
    ASSERT_EQ(a.observer().read().blocks_in_use, count);
    if (step % 16 == 0) {
      ASSERT_EQ(a.validate(), status::ok);
      ASSERT_EQ(a.usage().blocks_in_use, count);
      ASSERT_EQ(a.usage().bytes_in_use, a.observer().read().bytes_in_use);
    }
  }
  give_back(count);
  EXPECT_EQ(a.validate(), status::ok);
}

TEST(heap_slabs_none_test, serves_and_takes_back_without_checks) {
  static heap_at<check_level::none> trusting;
  ASSERT_EQ(trusting.init(memory.carve()), status::ok);
  size_t count = 0;
  while (void* p = trusting.allocate(granule, 1)) {
    blocks[count++] = p;
  }
  EXPECT_GT(count * granule * 100, bytes * 80);
  while (count != 0) {
    EXPECT_EQ(trusting.deallocate(blocks[--count], granule, 1), status::ok);
  }
  EXPECT_EQ(trusting.validate(), status::ok);
}

}  // namespace
}  // namespace acre::test
