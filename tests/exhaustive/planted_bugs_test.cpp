// SPDX-License-Identifier: MIT
// The test of the explorer: bugs that are planted are found, each by its shortest sequence; and where
// none is planted, none is found.
#include <gtest/gtest.h>

#include "conformance/buddy_cases.hpp"
#include "conformance/pool_cases.hpp"
#include "exhaustive/exploration_test.hpp"
#include "exhaustive/toy_heap.hpp"

namespace acre::test::exhaustive {
namespace {

template <bug Bug>
struct toy_case : common_case {
  using allocator = toy_heap<Bug>;
  static constexpr size_t natural_align = allocator::header;
  static constexpr const char* name = "toy_heap";
  static constexpr layout typical{8, 8};

  static layout shape(uint32_t) {
    return typical;
  }
  static bool accepts(const block& live, layout given) {
    return given.valid() && given.align <= 8 &&
           allocator::block_bytes(live.request()) == allocator::block_bytes(given);
  }
  static size_t bytes_in_use(region, const block* live, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; ++i) {
      sum += allocator::block_bytes(live[i].request()) - allocator::header;
    }
    return sum;
  }
  static size_t required(size_t count, size_t) {
    return count * 16;
  }
};

constexpr layout requests[] = {{8, 8}, {16, 1}, {24, 4}, {56, 8}};

template <bug Bug>
outcome explore_toy() {
  return explore(task_of<toy_case<Bug>>(requests, 0, 64, until_closed));
}

/// What a test says of a call: its kind, and whom it is about.
template <class... Calls>
void expect_path(const outcome& o, const char* law, Calls... calls) {
  const call expected[] = {calls...};
  ASSERT_TRUE(o.broken != nullptr) << "not found";
  EXPECT_STREQ(o.broken, law);
  ASSERT_EQ(o.path_length, sizeof...(calls));
  for (unsigned i = 0; i < o.path_length; ++i) {
    EXPECT_EQ(o.path[i].what, expected[i]) << "call " << i + 1;
  }
}

TEST(planted_bugs, nothing_is_found_where_nothing_is_planted) {
  expect_lawful(task_of<toy_case<bug::none>>(requests, 0, 64, until_closed));
}

TEST(planted_bugs, a_heap_that_misses_the_left_neighbour_is_found) {
  expect_path(explore_toy<bug::misses_the_left_neighbour>(),
              "with everything given back it is as at the start", call::allocate, call::allocate,
              call::deallocate, call::deallocate);
}

TEST(planted_bugs, a_heap_that_hands_out_a_block_twice_is_found) {
  const outcome o = explore_toy<bug::forgets_to_mark_an_exact_fit>();
  expect_path(o, "live blocks are disjoint", call::allocate, call::allocate);
  EXPECT_EQ(requests[o.path[0].request].size, 56U) << "the only exact fit in an empty region";
}

TEST(planted_bugs, a_heap_that_takes_interior_pointers_is_found) {
  const outcome o = explore_toy<bug::takes_interior_pointers>();
  expect_path(o, "a bad free is refused", call::allocate);
  EXPECT_EQ(o.tried_at, 16) << "the second granule of the block at 8";
  EXPECT_EQ(requests[o.path[0].request].size, 16U)
      << "the smallest block that has a second granule";
}

TEST(planted_bugs, a_heap_whose_failed_resize_changes_a_byte_is_found) {
  expect_path(explore_toy<bug::failed_resize_changes_a_byte>(),
              "a resize that fails changes nothing", call::allocate, call::allocate,
              call::try_resize);
}

TEST(planted_bugs, a_heap_whose_failed_resize_loses_a_neighbour_is_found) {
  expect_path(explore_toy<bug::failed_resize_loses_the_right>(),
              "a resize that fails changes nothing", call::allocate, call::allocate,
              call::try_resize);
}

TEST(planted_bugs, a_heap_whose_reallocate_copies_too_little_is_found) {
  expect_path(explore_toy<bug::reallocate_copies_too_little>(), "a reallocate keeps the contents",
              call::allocate, call::allocate, call::reallocate);
}

TEST(planted_bugs, a_heap_that_refuses_what_it_has_room_for_is_found) {
  const outcome o = explore_toy<bug::small_blocks_only_from_the_end>();
  expect_path(o, "what is no larger than largest_free() is served", call::allocate, call::allocate);
}

TEST(planted_bugs, a_block_that_is_lost_at_the_fourth_free_in_a_row_is_found) {
  expect_path(explore_toy<bug::last_of_four_frees_is_lost>(),
              "with everything given back it is as at the start", call::allocate, call::allocate,
              call::allocate, call::allocate, call::deallocate, call::deallocate, call::deallocate,
              call::deallocate);
}

// --- in real allocators

/// Hands out a block twice once three blocks were given back in the order of their addresses.
struct double_dealing_pool
    : mapped_pool<8, alignof(void*), check_level::basic, detail::bit_live_map> {
  using base = mapped_pool<8, alignof(void*), check_level::basic, detail::bit_live_map>;

  void* allocate(layout wanted) noexcept {
    void* p = base::allocate(wanted);
    if (rising_ == 3 && p != nullptr) {
      static_cast<void>(base::deallocate(p, wanted.size, wanted.align));
      ++lie_;
    }
    rising_ = p != nullptr ? 0 : rising_;
    return p;
  }
  status deallocate(void* p, layout given) noexcept {
    const status said = base::deallocate(p, given.size, given.align);
    if (said == status::ok) {
      rising_ = p > last_ || rising_ == 0 ? rising_ + 1 : 1;
      last_ = p;
    }
    return said;
  }
  [[nodiscard]] acre::usage usage() const noexcept {
    acre::usage used = base::usage();
    used.blocks_in_use += lie_;
    used.bytes_in_use += lie_ * block_bytes;
    used.bytes_free -= lie_ * block_bytes;
    return used;
  }

 private:
  size_t rising_ = 0;
  size_t lie_ = 0;
  void* last_ = nullptr;
};

struct double_dealing_case
    : pool_case<8, alignof(void*), check_level::basic, detail::bit_live_map> {
  using allocator = double_dealing_pool;
  static constexpr const char* name = "double_dealing_pool";
};

TEST(planted_bugs, a_pool_that_hands_out_a_block_twice_after_one_order_of_frees_is_found) {
  static constexpr layout one[] = {{8, 1}};
  task t = task_of<double_dealing_case>(one, 0, double_dealing_case::required(3, 8), until_closed);
  t.can.give_unsized = nullptr;
  const outcome o = explore(t);
  ASSERT_TRUE(o.broken != nullptr);
  EXPECT_STREQ(o.broken, "validate() finds nothing")
      << "the second owner writes to the list of free blocks";
  ASSERT_EQ(o.path_length, 7U);
  for (unsigned i = 0; i < 7; ++i) {
    EXPECT_EQ(o.path[i].what, i >= 3 && i < 6 ? call::deallocate : call::allocate);
  }
  // The blocks come from the region's end, and 0 is the lowest of those that are live.
  EXPECT_EQ(o.path[3].victim, 0U);
  EXPECT_EQ(o.path[4].victim, 0U);
  EXPECT_EQ(o.path[5].victim, 0U);
}

/// Forgets that two blocks of 64 have become one of 128 when the left one comes back next after the right one;
/// and its validate() has the same mistake.
struct forgetful_buddy : buddy<8, watched<check_level::basic>> {
  using base = buddy<8, watched<check_level::basic>>;

  status deallocate(void* p, layout given) noexcept {
    const status said = base::deallocate(p, given.size, given.align);
    uint32_t* tree = nullptr;  // the first member of the engine
    __builtin_memcpy(&tree, &engine_, sizeof tree);
    if (said == status::ok) {
      const auto at = reinterpret_cast<uintptr_t>(p);
      if (base::largest_free() == 128 && block_bytes(given) == 64 && at + 64 == last_) {
        tree[1] &= ~uint32_t{128 / 8};
      }
      last_ = at;
    }
    return said;
  }
  [[nodiscard]] status validate() const noexcept {
    return status::ok;
  }

 private:
  uintptr_t last_ = 0;
};

struct forgetful_case : buddy_case<8, check_level::basic> {
  using allocator = forgetful_buddy;
  static constexpr const char* name = "forgetful_buddy";
};

TEST(planted_bugs, a_buddy_that_forgets_one_merge_is_found) {
  static constexpr layout halves[] = {{32, 1}, {64, 1}};
  const outcome o = explore(task_of<forgetful_case>(
      halves, 0, 128 + engine::buddy_core::metadata_bytes(24), until_closed));
  expect_path(o, "with everything given back it is as at the start", call::allocate, call::allocate,
              call::deallocate, call::deallocate);
  EXPECT_EQ(halves[o.path[0].request].size, 64U) << "the left half";
  EXPECT_EQ(o.path[2].victim, 1U) << "the right half first";
}

}  // namespace
}  // namespace acre::test::exhaustive
