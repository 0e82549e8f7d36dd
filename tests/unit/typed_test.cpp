// SPDX-License-Identifier: MIT
// Objects over allocators, owners, references, and allocators that are composed of others.
#include <gtest/gtest.h>

#include "support/counting_lock.hpp"
#include "support/fault_recorder.hpp"
#include "support/limits.hpp"
#include "support/report.hpp"
#include "support/sources.hpp"

#include <acre/allocator_ref.hpp>
#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/fallback.hpp>
#include <acre/growing.hpp>
#include <acre/pool.hpp>
#include <acre/reclaiming.hpp>
#include <acre/size_router.hpp>
#include <acre/stack.hpp>
#include <acre/typed.hpp>
#include <acre/unique_ptr.hpp>

namespace acre::test {
namespace {

using checked = policies<no_lock, checks_basic, usage_counters>;

static_region<512> first_bytes;
static_region<512> second_bytes;

struct noted {
  static inline int alive = 0;
  static inline int last_destroyed = 0;
  int value;
  explicit noted(int v = 5) : value(v) {
    ++alive;
  }
  ~noted() {
    --alive;
    last_destroyed = value;
  }
};

// --- construct and destroy

TEST(typed, construct_and_destroy_run_once_and_give_the_block_back) {
  fault_recorder faults;
  buddy<16, checked> a;
  ASSERT_EQ(a.init(first_bytes), status::ok);
  noted::alive = 0;
  noted* object = construct<noted>(a, 7);
  ASSERT_NE(object, nullptr);
  EXPECT_EQ(object->value, 7);
  EXPECT_EQ(destroy(a, object), status::ok);
  EXPECT_EQ(noted::alive, 0);
  EXPECT_EQ(destroy(a, object), status::double_free);
  EXPECT_EQ(noted::alive, 0) << "no destructor for what is not live";
  EXPECT_EQ(destroy(a, static_cast<noted*>(nullptr)), status::ok);
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
}

TEST(typed, arrays_are_initialised_and_destroyed_last_first) {
  buddy<16, checked> a;
  ASSERT_EQ(a.init(first_bytes), status::ok);
  noted::alive = 0;
  noted* many = construct_array<noted>(a, 5);
  ASSERT_NE(many, nullptr);
  EXPECT_EQ(noted::alive, 5);
  many[0].value = 100;
  EXPECT_EQ(destroy_array(a, many, 5), status::ok);
  EXPECT_EQ(noted::alive, 0);
  EXPECT_EQ(noted::last_destroyed, 100);
  auto* numbers = construct_array<uint32_t>(a, 8);
  ASSERT_NE(numbers, nullptr);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(numbers[i], 0U);
  }
  EXPECT_EQ(destroy_array(a, numbers, 8), status::ok);
  volatile size_t too_many = SIZE_MAX;  // compilers warn of it, too
  EXPECT_EQ(construct_array<uint32_t>(a, too_many), nullptr);
  too_many = SIZE_MAX / 4;
  EXPECT_EQ(construct_array<uint32_t>(a, too_many), nullptr);
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
}

// --- unique_ptr

TEST(unique, owners_move_reset_release_and_give_back) {
  pool<16, checked> a;
  ASSERT_EQ(a.init(first_bytes), status::ok);
  noted::alive = 0;
  {
    auto one = make_unique<noted>(a, 1);
    auto two = make_unique<noted>(a, 2);
    static_assert(sizeof one == 2 * sizeof(void*));
    EXPECT_EQ(noted::alive, 2);
    one = acre::detail::move(two);
    EXPECT_EQ(noted::alive, 1);
    EXPECT_EQ(one->value, 2);
    EXPECT_TRUE(two == nullptr);
    auto three = acre::detail::move(one);
    EXPECT_EQ((*three).value, 2);
    auto& self = three;
    three = acre::detail::move(self);
    EXPECT_EQ(three.get()->value, 2) << "moving to itself changes nothing";
    noted* raw = three.release();
    EXPECT_TRUE(three == nullptr);
    EXPECT_EQ(noted::alive, 1);
    EXPECT_EQ(destroy(a, raw), status::ok);
    three.reset();
  }
  EXPECT_EQ(noted::alive, 0);
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
}

TEST(unique, make_unique_is_null_on_exhaustion) {
  pool<16, checked> a;
  EXPECT_TRUE(make_unique<noted>(a, 1) == nullptr);
  ASSERT_EQ(a.init(first_bytes), status::ok);
  while (a.allocate() != nullptr) {
  }
  EXPECT_FALSE(static_cast<bool>(make_unique<noted>(a, 1)));
}

// --- allocator_ref

TEST(reference, forwards_to_its_allocator_and_to_nothing_by_default) {
  fault_recorder faults;
  const allocator_ref none;
  EXPECT_EQ(none.allocate({1, 1}), nullptr);
  EXPECT_EQ(none.deallocate(nullptr, {1, 1}), status::ok);
  EXPECT_EQ(none.deallocate(hidden(&faults), {1, 1}), status::foreign_pointer);
  EXPECT_FALSE(none.owns(&faults));
  buddy<16, checked> a;
  pool<16, checked> b;
  ASSERT_EQ(a.init(first_bytes), status::ok);
  ASSERT_EQ(b.init(second_bytes), status::ok);
  allocator_ref either = a;
  const allocator_ref same = a;
  EXPECT_TRUE(either == same);
  void* p = either.allocate({100, 1});
  EXPECT_TRUE(a.owns(p) && either.owns(p) && !b.owns(p));
  EXPECT_EQ(either.deallocate(p, {100, 1}), status::ok);
  EXPECT_EQ(either.deallocate(p, {100, 1}), status::double_free);
  either = b;
  EXPECT_FALSE(either == same);
  EXPECT_EQ(either.allocate({17, 1}), nullptr);
  noted::alive = 0;
  {
    const auto owned = make_unique<noted>(either, 3);
    EXPECT_TRUE(b.owns(owned.get()));
  }
  EXPECT_EQ(noted::alive, 0);
  EXPECT_EQ(b.usage().blocks_in_use, 0U);
}

// --- fallback and size_router

TEST(fallback_test, asks_the_second_when_the_first_is_exhausted_and_gives_back_to_the_owner) {
  fault_recorder faults;
  pool<32, checked> first;
  buddy<16, checked> second;
  ASSERT_EQ(first.init(first_bytes), status::ok);
  ASSERT_EQ(second.init(second_bytes), status::ok);
  fallback both(first, second);
  static_assert(owning_allocator<fallback<pool<32, checked>, buddy<16, checked>>>);
  void* small = both.allocate({32, 1});
  void* large = both.allocate({100, 1});
  EXPECT_TRUE(first.owns(small) && second.owns(large));
  while (first.allocate() != nullptr) {
  }
  void* spilled = both.allocate({32, 1});
  EXPECT_TRUE(second.owns(spilled) && both.owns(spilled));
  EXPECT_EQ(both.deallocate(spilled, {32, 1}), status::ok);
  EXPECT_EQ(both.deallocate(spilled, {32, 1}), status::double_free);
  EXPECT_EQ(both.deallocate(large, {100, 1}), status::ok);
  EXPECT_EQ(both.deallocate(small, {32, 1}), status::ok);
  EXPECT_EQ(both.deallocate(nullptr, {32, 1}), status::ok);
  EXPECT_EQ(both.deallocate(hidden(&faults), {32, 1}), status::foreign_pointer);
  EXPECT_EQ(both.allocate({5000, 1}), nullptr);
}

TEST(router_test, sends_each_size_to_its_allocator_both_ways) {
  pool<32, checked> small;
  buddy<16, checked> large;
  ASSERT_EQ(small.init(first_bytes), status::ok);
  ASSERT_EQ(large.init(second_bytes), status::ok);
  size_router<32, pool<32, checked>, buddy<16, checked>> router(small, large);
  void* p = router.allocate({32, 1});
  void* q = router.allocate({33, 1});
  EXPECT_TRUE(small.owns(p) && large.owns(q) && router.owns(p) && router.owns(q));
  EXPECT_TRUE(router.is_live(p, {32, 1}) && router.is_live(q, {33, 1}));
  EXPECT_EQ(router.deallocate(p, {32, 1}), status::ok);
  EXPECT_EQ(router.deallocate(q, {33, 1}), status::ok);
  EXPECT_FALSE(router.is_live(p, {32, 1}) || router.is_live(q, {33, 1}));
  EXPECT_EQ(small.usage().blocks_in_use + large.usage().blocks_in_use, 0U);
}

// --- reclaiming

struct kept {
  pool<32, checked>* from;
  void* spare[4];
  int count;
  int calls;
};

TEST(reclaiming_test, calls_back_before_it_answers_null) {
  pool<32, checked> a;
  ASSERT_EQ(a.init(first_bytes), status::ok);
  kept spares{&a, {}, 0, 0};
  for (auto& spare : spares.spare) {
    spare = a.allocate();
    ++spares.count;
  }
  reclaiming<pool<32, checked>> with(
      a,
      [](void* context, layout) noexcept {
        auto* k = static_cast<kept*>(context);
        ++k->calls;
        if (k->count == 0) {
          return false;
        }
        return k->from->deallocate(k->spare[--k->count]) == status::ok;
      },
      &spares);
  while (a.allocate() != nullptr) {
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_NE(with.allocate({32, 1}), nullptr);
  }
  EXPECT_EQ(spares.calls, 4);
  EXPECT_EQ(with.allocate({32, 1}), nullptr);
  EXPECT_EQ(spares.calls, 5);
  EXPECT_EQ(with.allocate({32, 3}), nullptr);
  EXPECT_EQ(spares.calls, 5) << "a layout that is not valid reclaims nothing";
}

// --- growing

using grown = growing<buddy<16, checked>, failing_source<4, 640>, counting_lock>;

TEST(growing_test, takes_regions_as_it_needs_them_and_trims_the_empty_ones) {
  fault_recorder faults;
  static grown a;
  counting_lock::held = 0;
  EXPECT_EQ(a.usage().bytes_in_use, 0U);
  static void* blocks[128];
  size_t count = 0;
  while (void* p = a.allocate({64, 1})) {
    ASSERT_LT(count, 128U);
    blocks[count++] = p;
    EXPECT_TRUE(a.owns(p));
  }
  EXPECT_EQ(a.source().outstanding(), 4U);
  EXPECT_EQ(a.usage().blocks_in_use, count);
  EXPECT_EQ(a.deallocate(hidden(&faults), {64, 1}), status::foreign_pointer);
  EXPECT_EQ(a.trim(), 0U);
  for (size_t i = 0; i < count; ++i) {
    EXPECT_EQ(a.deallocate(blocks[i], {64, 1}), status::ok);
    EXPECT_EQ(a.deallocate(blocks[i], {64, 1}), status::double_free);
  }
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
  EXPECT_EQ(a.trim(), 4 * 640U);
  EXPECT_EQ(a.source().outstanding(), 0U);
  EXPECT_EQ(a.source().wrong_releases(), 0U);
  EXPECT_EQ(counting_lock::held, 0U);
  EXPECT_EQ(a.allocate({10'000, 1}), nullptr);
  EXPECT_EQ(a.allocate({SIZE_MAX, 1}), nullptr);
  EXPECT_EQ(a.source().outstanding(), 0U);
}

TEST(growing_test, gives_back_exactly_what_a_source_gave_even_if_that_is_not_aligned) {
  static growing<buddy<16, checked>, failing_source<2, 640>> a;
  a.source().misalign(5);
  while (a.allocate({64, 1}) != nullptr) {
  }
  EXPECT_EQ(a.source().outstanding(), 2U);
  a.release_all();
  EXPECT_EQ(a.source().outstanding(), 0U);
  EXPECT_EQ(a.source().wrong_releases(), 0U);
}

// The same work with the n-th acquire failing, for n = 1, 2, 3 ... until none fails.
TEST(growing_test, whichever_acquire_fails_nothing_leaks_and_nothing_changes) {
  static growing<buddy<16, checked>, failing_source<4, 640>> a;
  bool succeeded = false;
  for (uint32_t n = 1; !succeeded && n < 32; ++n) {
    a.source().fail_at(n);
    static void* blocks[6];
    for (auto& block : blocks) {
      const usage before = a.usage();
      const size_t out = a.source().outstanding();
      block = a.allocate({100, 1});
      if (block == nullptr) {
        EXPECT_TRUE(a.usage() == before);
        EXPECT_EQ(a.source().outstanding(), out);
      }
    }
    succeeded = a.source().failures() == 0;
    for (void* block : blocks) {
      EXPECT_EQ(a.deallocate(block, {100, 1}), status::ok);
    }
    EXPECT_EQ(a.usage().blocks_in_use, 0U);
    static_cast<void>(a.trim());
    EXPECT_EQ(a.source().outstanding(), 0U) << "leaked with acquire " << n << " failing";
  }
  EXPECT_TRUE(succeeded);
  EXPECT_EQ(a.source().wrong_releases(), 0U);
}

}  // namespace
}  // namespace acre::test
