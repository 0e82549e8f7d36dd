// SPDX-License-Identifier: MIT
// What only slab promises: slabs that move between classes, the compile-time tables, constructed
// objects in a cache, and providers that never share memory.
#include <gtest/gtest.h>

#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/report.hpp"

#include <acre/slab.hpp>
#include <acre/slab_cache.hpp>
#include <acre/slab_provider.hpp>

namespace acre::test {
namespace {

guarded_memory<2048> memory;

template <check_level Level>
using at = policies<no_lock, checks<Level>, usage_counters>;

using classes = size_classes<8, 16, 24, 64, 96, 128>;
template <slab_metadata Metadata, check_level Level = check_level::full>
using small_slab = slab<classes, at<Level>, 512, Metadata>;

class slab_test : public seeded_test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    seeded_test::TearDown();
  }
};

template <class Slab>
size_t drain(Slab& a, size_t size, void** blocks) {
  size_t count = 0;
  while (void* p = a.allocate(size, 1)) {
    blocks[count++] = p;
  }
  return count;
}

template <slab_metadata Metadata>
void move_slabs_between_classes() {
  static small_slab<Metadata> a;
  static void* blocks[260];
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  for (const size_t size : classes::sizes) {
    const size_t count = drain(a, size, blocks);
    ASSERT_GT(count, 0U);
    EXPECT_EQ(a.largest_free(), 0U);
    // One class has everything; the others have nothing.
    for (const size_t other : classes::sizes) {
      EXPECT_EQ(a.allocate(other, 1), nullptr);
    }
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(a.deallocate(blocks[i], size, 1), status::ok);
      ASSERT_EQ(a.validate(), status::ok);
    }
    EXPECT_EQ(a.usage().bytes_in_use, 0U);
    EXPECT_EQ(a.largest_free(), 128U);
  }
}

TEST_F(slab_test, what_one_class_gives_back_another_can_have_with_headers_in_slabs) {
  move_slabs_between_classes<slab_metadata::in_slab>();
}
TEST_F(slab_test, what_one_class_gives_back_another_can_have_with_headers_out_of_band) {
  move_slabs_between_classes<slab_metadata::out_of_band>();
}

TEST_F(slab_test, required_bytes_hold_the_objects_and_a_slab_less_does_not) {
  using inside = small_slab<slab_metadata::in_slab>;
  using outside = small_slab<slab_metadata::out_of_band>;
  static void* blocks[260];
  const auto check = [](auto& a, size_t size) {
    using slab_type = detail::remove_reference_t<decltype(a)>;
    for (size_t count = 1; slab_type::required_bytes(count, {size, 1}, 128) <= 2048; ++count) {
      const size_t bytes = slab_type::required_bytes(count, {size, 1}, 128);
      ASSERT_EQ(a.init(memory.carve(0, bytes)), status::ok);
      EXPECT_GE(drain(a, size, blocks), count);
      // A byte less is a slab less.
      if (a.init(memory.carve(0, bytes - 1)) == status::ok) {
        EXPECT_LT(drain(a, size, blocks), count);
      }
    }
  };
  static inside in;
  static outside out;
  for (const size_t size : classes::sizes) {
    check(in, size);
    check(out, size);
  }
  EXPECT_EQ(inside::required_bytes(1, {129, 1}), SIZE_MAX);
  EXPECT_EQ(inside::required_bytes(SIZE_MAX, {8, 1}), SIZE_MAX);
}

TEST_F(slab_test, out_of_band_metadata_gives_all_of_a_slab_to_objects) {
  using outside = small_slab<slab_metadata::out_of_band>;
  static outside a;
  static void* blocks[260];
  ASSERT_EQ(a.init(memory.carve(0, outside::required_bytes_for_slabs(2))), status::ok);
  for (const size_t size : classes::sizes) {
    const size_t count = drain(a, size, blocks);
    EXPECT_EQ(count, 2 * (512 / size));
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(a.deallocate(blocks[i], size, 1), status::ok);
    }
  }
}

TEST_F(slab_test, out_of_band_metadata_aligns_objects_to_the_power_of_two_in_their_size) {
  static small_slab<slab_metadata::out_of_band> a;
  for (size_t offset = 0; offset < 64; offset += 24) {
    ASSERT_EQ(a.init(memory.carve(offset, 1900)), status::ok);
    constexpr size_t aligns[] = {1, 2, 4, 8, 16, 32, 64, 128};
    for (const size_t align : aligns) {
      void* p = a.allocate(8, align);
      ASSERT_NE(p, nullptr) << align;
      EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % align, 0U);
      EXPECT_EQ(a.deallocate(p, 8, align), status::ok);
    }
    EXPECT_EQ(a.allocate(8, 256), nullptr);
  }
}

TEST_F(slab_test, each_size_is_served_by_the_smallest_class_that_holds_it) {
  using a = small_slab<slab_metadata::in_slab>;
  size_t expected = 0;
  for (size_t size = 0; size <= 128; ++size) {
    while (classes::sizes[expected] < size) {
      ++expected;
    }
    EXPECT_EQ(a::block_bytes({size, 1}), classes::sizes[expected]) << size;
  }
  EXPECT_EQ(a::block_bytes({129, 1}), 0U);
  EXPECT_EQ(a::block_bytes({8, 3}), 0U);
  EXPECT_EQ(a::block_bytes({24, default_alignment}), default_alignment == 8 ? 24U : 64U)
      << "24 is a multiple of 8 and not of 16";
  EXPECT_EQ(a::block_bytes({65, 64}),
            detail::min_of<size_t>(64, default_alignment) >= 64 ? 128U : 0U);
}

TEST_F(slab_test, a_slab_that_was_full_serves_again_after_one_free) {
  static small_slab<slab_metadata::in_slab> a;
  static void* blocks[260];
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  const size_t count = drain(a, 64, blocks);
  for (size_t i = 0; i < count; ++i) {
    ASSERT_EQ(a.deallocate(blocks[i], 64, 1), status::ok);
    ASSERT_EQ(a.allocate(64, 1), blocks[i]);
    ASSERT_EQ(a.allocate(64, 1), nullptr);
    ASSERT_EQ(a.validate(), status::ok);
  }
}

// --- slab_cache

struct made {
  static inline int constructed = 0;
  static inline int destroyed = 0;
  uint32_t value = 41;
  uint32_t padding[3] = {};
  made() {
    ++constructed;
  }
  ~made() {
    ++destroyed;
  }
};

template <slab_metadata Metadata, check_level Level>
void keep_objects_constructed() {
  made::constructed = made::destroyed = 0;
  using cache = slab_cache<made, at<Level>, 512, Metadata>;
  cache a;
  EXPECT_EQ(a.acquire(), nullptr);
  EXPECT_EQ(a.release(nullptr), status::ok);
  ASSERT_EQ(a.init(memory.carve(0, cache::required_bytes(40))), status::ok);
  EXPECT_EQ(made::constructed, 0);
  made* first = a.acquire();
  ASSERT_NE(first, nullptr);
  const int in_a_slab = made::constructed;
  EXPECT_GT(in_a_slab, 8);
  EXPECT_EQ(first->value, 41U);
  first->value = 7;
  EXPECT_EQ(a.release(first), status::ok);
  EXPECT_EQ(a.acquire(), first);
  EXPECT_EQ(first->value, 7U) << "as its last user left it";
  EXPECT_EQ(made::constructed, in_a_slab);
  EXPECT_EQ(made::destroyed, 0);
  EXPECT_EQ(a.trim(), 0U) << "a slab in use is not trimmed";
  static made* all[64];
  size_t count = 0;
  while (made* object = a.acquire()) {
    all[count++] = object;
  }
  EXPECT_GE(count + 1, 40U);
  EXPECT_EQ(a.validate(), status::ok);
  while (count != 0) {
    EXPECT_EQ(a.release(all[--count]), status::ok);
    EXPECT_EQ(a.validate(), status::ok);
  }
  EXPECT_EQ(a.release(first), status::ok);
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
  const int constructed = made::constructed;
  EXPECT_EQ(made::destroyed, 0);
  EXPECT_EQ(a.trim() % 512, 0U);
  EXPECT_EQ(made::destroyed, constructed) << "trim destroys what was constructed";
  EXPECT_EQ(a.trim(), 0U);
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_NE(a.acquire(), nullptr);
  EXPECT_GT(made::constructed, constructed) << "and a slab that is taken again constructs again";
}

TEST_F(slab_test, a_cache_keeps_free_objects_constructed_until_trim) {
  keep_objects_constructed<slab_metadata::in_slab, check_level::none>();
  keep_objects_constructed<slab_metadata::in_slab, check_level::full>();
  keep_objects_constructed<slab_metadata::out_of_band, check_level::basic>();
}

TEST_F(slab_test, a_cache_refuses_a_double_release) {
  fault_recorder faults;
  slab_cache<made, at<check_level::basic>, 512> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  made* one = a.acquire();
  made* two = a.acquire();
  EXPECT_EQ(a.release(one), status::ok);
  EXPECT_EQ(a.release(one), status::double_free);
  EXPECT_EQ(a.release(two), status::ok);
  EXPECT_EQ(a.release(two), status::double_free);
  made elsewhere;
  EXPECT_EQ(a.release(hidden(&elsewhere)), status::foreign_pointer);
}

// --- slab_provider

struct packet {
  static inline int alive = 0;
  uint32_t id;
  explicit packet(uint32_t i = 0) : id(i) {
    ++alive;
  }
  ~packet() {
    --alive;
  }
};

using received = slab_provider<packet, "received", at<check_level::basic>, 512>;
using sent = slab_provider<packet, "sent", at<check_level::basic>, 512>;

TEST_F(slab_test, providers_with_distinct_tags_never_share_memory) {
  fault_recorder faults;
  packet::alive = 0;
  auto* const begin = static_cast<unsigned char*>(memory.carve().begin);
  ASSERT_EQ(received::init({begin, 1024}), status::ok);
  EXPECT_EQ(sent::alloc_raw(), nullptr) << "the other one is not initialised";
  ASSERT_EQ(sent::init({begin + 1024, 1024}), status::ok);
  size_t count = 0;
  while (void* p = received::alloc_raw()) {
    EXPECT_LT(p, static_cast<void*>(begin + 1024));
    ++count;
  }
  EXPECT_GT(count, 10U);
  void* other = sent::alloc_raw();
  EXPECT_GE(other, static_cast<void*>(begin + 1024)) << "one can't starve the other";
  EXPECT_EQ(received::free_raw(other), status::foreign_pointer);
  EXPECT_EQ(sent::free_raw(other), status::ok);
  EXPECT_EQ(sent::free_raw(nullptr), status::ok);
  {
    auto owned = sent::get_unique(9U);
    static_assert(sizeof owned == sizeof(void*), "one word");
    ASSERT_TRUE(static_cast<bool>(owned));
    EXPECT_EQ(owned->id, 9U);
    EXPECT_EQ(packet::alive, 1);
    EXPECT_FALSE(static_cast<bool>(received::get_unique()));
  }
  EXPECT_EQ(packet::alive, 0);
  EXPECT_EQ(sent::state().usage().blocks_in_use, 0U);
  EXPECT_EQ(sent::state().validate(), status::ok);
  EXPECT_EQ(received::state().usage().blocks_in_use, count);
}

}  // namespace
}  // namespace acre::test
