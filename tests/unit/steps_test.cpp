// SPDX-License-Identifier: MIT
// validate_step, usage_step and walk_step of every allocator: the same answer as the whole call while
// nothing happens, no false alarm whatever happens between two steps, and no harm from a cursor that is
// out of date or another allocator's. Damage is planted in corruption_test.cpp.
#include <gtest/gtest.h>

#include "steps_cases.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/report.hpp"

namespace acre::test::steps {
namespace {

constexpr size_t bytes = 1536;
constexpr uint32_t calls_max = 4 * bytes;

guarded_memory<bytes> memory;
held_block held[held_max];
size_t held_count = 0;

/// Calls `step` until the cursor has finished; the first status that is not ok.
template <class Cursor, class Step>
status finish(const Cursor& cursor, const Step& step) {
  for (uint32_t calls = 0; !cursor.finished(); ++calls) {
    if (const status found = step(); found != status::ok) {
      return found;
    }
    EXPECT_LT(calls, calls_max) << "has no end";
    if (calls == calls_max) {
      break;
    }
  }
  return status::ok;
}

template <class Case>
class steps_test : public seeded_test {
 protected:
  using allocator = typename Case::allocator;
  using cursor_type = typename Case::cursor;

  static inline allocator subject;
  static inline allocator other;

  void SetUp() override {
    seeded_test::SetUp();
    forget();
    ASSERT_EQ(subject.init(memory.carve()), status::ok);
  }
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    seeded_test::TearDown();
  }

  static void forget() {
    held_count = 0;
    if constexpr (requires { Case::marked; }) {
      Case::marked = 0;
    }
  }
  static void take(random& stream) {
    const size_t size = Case::size_from(stream);
    if (held_count == held_max) {
      return;
    }
    if (void* p = Case::take(subject, size); p != nullptr) {
      held[held_count++] = {p, size, false, 0};
    }
  }
  static void give(random& stream) {
    if (held_count == 0) {
      return;
    }
    const size_t i = Case::lifo ? held_count - 1 : stream.below(held_count);
    // A block of a stack's other side may be in between; the newest of all is the newest of its side.
    ASSERT_EQ(Case::give(subject, held[i]), status::ok);
    held[i] = held[--held_count];
  }
  static void fill(random& stream) {
    for (int i = 0; i < 40; ++i) {
      take(stream);
      if (stream.one_in(3)) {
        give(stream);
      }
    }
  }
  /// Drifts between full and empty, so that everything under a cursor goes and comes.
  static void traffic(random& stream, uint32_t step) {
    const bool grows = (step / 16) % 2 == 0;
    for (uint32_t i = 0; i < stream.below(4); ++i) {
      if (stream.one_in(3) != grows) {
        take(stream);
      } else {
        give(stream);
      }
    }
  }
  static status whole_pass(size_t steps) {
    cursor_type cursor;
    return finish(cursor, [&] { return subject.validate_step(cursor, steps); });
  }
};

using cases =
    ::testing::Types<pool_case<check_level::basic>, pool_case<check_level::full>,
                     slab_case<check_level::none, slab_metadata::in_slab, 256>,
                     slab_case<check_level::basic, slab_metadata::out_of_band, 256>,
                     slab_case<check_level::full, slab_metadata::in_slab, 512>, slab_cache_case,
                     buddy_case<check_level::none>, buddy_case<check_level::basic>,
                     buddy_case<check_level::full>, heap_case<check_level::basic>,
                     heap_case<check_level::full>, heap_slabs_case<check_level::basic>,
                     heap_slabs_case<check_level::full>, stack_case<check_level::none>,
                     stack_case<check_level::full>, arena_case<check_level::none>,
                     arena_case<check_level::full>, certified_case>;

struct case_names {
  template <class Case>
  static const char* GetName(int) {
    return Case::name;
  }
};

TYPED_TEST_SUITE(steps_test, cases, case_names);

TYPED_TEST(steps_test, a_pass_finds_what_validate_finds) {
  auto& a = TestFixture::subject;
  random stream;
  for (int round = 0; round < 8; ++round) {
    ASSERT_EQ(a.validate(), status::ok);
    for (size_t steps = 1; steps < 40; steps += steps) {
      EXPECT_EQ(TestFixture::whole_pass(steps), status::ok);
    }
    TestFixture::fill(stream);
  }
}

TYPED_TEST(steps_test, very_many_steps_are_the_whole_at_once) {
  auto& a = TestFixture::subject;
  random stream(1);
  TestFixture::fill(stream);
  typename TypeParam::cursor cursor;
  uint32_t calls = 0;
  EXPECT_EQ(finish(cursor, [&] { return ++calls, a.validate_step(cursor, SIZE_MAX); }), status::ok);
  EXPECT_LE(calls, TypeParam::calls_of_huge_steps);
  EXPECT_EQ(a.validate_step(cursor, SIZE_MAX), status::ok) << "and is over";
  EXPECT_TRUE(cursor.finished());
}

TYPED_TEST(steps_test, no_steps_change_nothing) {
  auto& a = TestFixture::subject;
  random stream(2);
  TestFixture::fill(stream);
  typename TypeParam::cursor cursor;
  for (int i = 0; i < 3; ++i) {
    unsigned char before[sizeof cursor];
    __builtin_memcpy(before, &cursor, sizeof cursor);
    EXPECT_EQ(a.validate_step(cursor, 0), status::ok);
    EXPECT_EQ(__builtin_memcmp(before, &cursor, sizeof cursor), 0);
    EXPECT_EQ(a.validate_step(cursor, 1), status::ok);
  }
}

TYPED_TEST(steps_test, a_pass_ends_and_raises_no_false_alarm_while_the_allocator_is_used) {
  auto& a = TestFixture::subject;
  random stream(3);
  typename TypeParam::cursor cursor;
  uint32_t passes = 0;
  for (uint32_t step = 0; step < (on_host ? 20000U : 1500U); ++step) {
    current_step = step;
    ASSERT_NO_FATAL_FAILURE(TestFixture::traffic(stream, step));
    ASSERT_EQ(a.validate_step(cursor, 1 + stream.below(3)), status::ok);
    if (cursor.finished()) {
      cursor = {};
      ++passes;
    }
  }
  EXPECT_GT(passes, on_host ? 20U : 2U);
  EXPECT_EQ(a.validate(), status::ok);
}

TYPED_TEST(steps_test, an_allocator_that_is_not_initialised_says_so) {
  typename TypeParam::cursor fresh;
  auto& a = TestFixture::other;
  EXPECT_EQ(a.validate_step(fresh, 1), status::not_initialised);
  EXPECT_FALSE(fresh.finished());
  random stream(4);
  TestFixture::fill(stream);
  typename TypeParam::cursor used;
  EXPECT_EQ(TestFixture::subject.validate_step(used, 3), status::ok);
  EXPECT_EQ(a.validate_step(used, SIZE_MAX), status::not_initialised);
  if constexpr (TypeParam::has_usage) {
    usage sum;
    EXPECT_EQ(a.usage_step(fresh, 1, sum), status::not_initialised);
    EXPECT_TRUE(sum == usage{});
  }
}

TYPED_TEST(steps_test, a_cursor_does_no_harm_after_init) {
  auto& a = TestFixture::subject;
  random stream(5);
  for (size_t steps = 1; steps < 60; steps += 3) {
    TestFixture::forget();
    ASSERT_EQ(a.init(memory.carve()), status::ok);
    TestFixture::fill(stream);
    typename TypeParam::cursor cursor;
    ASSERT_EQ(a.validate_step(cursor, steps), status::ok);
    TestFixture::forget();
    ASSERT_EQ(a.init(memory.carve(steps, bytes * 3 / 4)), status::ok) << "elsewhere, and smaller";
    for (int i = 0; i < 6; ++i) {
      TestFixture::take(stream);
    }
    EXPECT_EQ(finish(cursor, [&] { return a.validate_step(cursor, 1); }), status::ok);
    EXPECT_EQ(a.validate(), status::ok);
  }
}

TYPED_TEST(steps_test, the_cursor_of_another_allocator_does_no_harm) {
  auto& a = TestFixture::subject;
  auto& b = TestFixture::other;
  random stream(6);
  const region all = memory.lent();
  auto* const middle = static_cast<unsigned char*>(all.begin) + bytes / 2 + 8;
  for (size_t steps = 1; steps < 40; steps += 2) {
    TestFixture::forget();
    ASSERT_EQ(a.init({all.begin, bytes / 2}), status::ok);
    for (int i = 0; i < 8; ++i) {
      TestFixture::take(stream);
    }
    ASSERT_EQ(b.init({middle, bytes / 2 - 8}), status::ok);
    for (int i = 0; i < 8; ++i) {
      static_cast<void>(TypeParam::take(b, TypeParam::size_from(stream)));
    }
    typename TypeParam::cursor cursor;
    ASSERT_EQ(b.validate_step(cursor, steps), status::ok);
    EXPECT_EQ(finish(cursor, [&] { return a.validate_step(cursor, 1); }), status::ok);
  }
  static_cast<void>(b.init({}));
}

TYPED_TEST(steps_test, usage_in_steps_is_usage) {
  if constexpr (TypeParam::has_usage) {
    auto& a = TestFixture::subject;
    random stream(7);
    for (int round = 0; round < 10; ++round) {
      const usage whole = a.usage();
      for (size_t steps = 1; steps < 40; steps += steps) {
        typename TypeParam::cursor cursor;
        usage sum;
        EXPECT_EQ(finish(cursor, [&] { return a.usage_step(cursor, steps, sum); }), status::ok);
        EXPECT_EQ(sum.bytes_in_use, whole.bytes_in_use);
        EXPECT_EQ(sum.blocks_in_use, whole.blocks_in_use);
        EXPECT_EQ(sum.bytes_free, whole.bytes_free);
        EXPECT_EQ(sum.bytes_overhead, whole.bytes_overhead);
      }
      TestFixture::fill(stream);
    }
  }
}

/// What a walk in steps shows as live.
void visit(const void* p) {
  size_t i = 0;
  while (i < held_count && held[i].p != p) {
    ++i;
  }
  EXPECT_LT(i, held_count) << "shown as live, and is not";
  held[i < held_count ? i : 0].visits += i < held_count ? 1 : 0;
}

template <class A, class Cursor>
status walk_on(const A& a, Cursor& cursor, size_t steps) {
  if constexpr (detail::is_same_v<Cursor, pool_cursor>) {
    return a.walk_step(cursor, steps, [](void* block) { visit(block); });
  } else {
    return a.walk_step(cursor, steps, [](const heap_block& block) {
      if (block.live) {
        visit(block.address);
      }
      return true;
    });
  }
}

TYPED_TEST(steps_test, a_walk_shows_each_block_that_stays_exactly_once) {
  if constexpr (TypeParam::has_walk) {
    auto& a = TestFixture::subject;
    random stream(8);
    uint32_t stayed = 0;
    for (uint32_t round = 0; round < (on_host ? 400U : 40U); ++round) {
      current_step = round;
      TestFixture::fill(stream);
      for (size_t i = 0; i < held_count; ++i) {
        held[i].stayed = true;
        held[i].visits = 0;
      }
      typename TypeParam::cursor cursor;
      uint32_t step = stream.below(32);
      ASSERT_EQ(finish(cursor,
                       [&] {
                         const status found = walk_on(a, cursor, 1 + stream.below(3));
                         TestFixture::traffic(stream, step++);
                         return found;
                       }),
                status::ok);
      for (size_t i = 0; i < held_count; ++i) {
        EXPECT_LE(held[i].visits, 1U);
        if (held[i].stayed) {
          ASSERT_EQ(held[i].visits, 1U);
          ++stayed;
        }
      }
    }
    EXPECT_GT(stayed, 20U);
  }
}

TYPED_TEST(steps_test, a_walk_that_nothing_interrupts_shows_what_walk_shows) {
  if constexpr (TypeParam::has_walk &&
                !detail::is_same_v<typename TypeParam::cursor, pool_cursor>) {
    auto& a = TestFixture::subject;
    random stream(9);
    for (int round = 0; round < 10; ++round) {
      TestFixture::fill(stream);
      // The same blocks in the same order have the same sum.
      const auto add = [](uint32_t& sum, const heap_block& block) {
        sum = sum * 31 + static_cast<uint32_t>(reinterpret_cast<uintptr_t>(block.address)) +
              static_cast<uint32_t>(block.size) * 2 + (block.live ? 1U : 0U);
        return true;
      };
      uint32_t whole = 0;
      a.walk([&](const heap_block& block) { return add(whole, block); });
      uint32_t parts = 0;
      heap_cursor cursor;
      const auto step = [&] {
        return a.walk_step(cursor, 1, [&](const heap_block& block) { return add(parts, block); });
      };
      EXPECT_EQ(finish(cursor, step), status::ok);
      EXPECT_EQ(parts, whole);
    }
  }
}

TEST(steps_of_growing, go_through_regions_that_come_and_go) {
  static growing_case::allocator a;
  random stream;
  held_block live[24];
  growing_case::cursor audit;
  uint32_t passes = 0;
  for (uint32_t step = 0; step < 2000; ++step) {
    held_block& block = live[stream.below(24)];
    if (block.p == nullptr) {
      block.p = a.allocate({24, 1});
    } else {
      ASSERT_EQ(a.deallocate(block.p, {24, 1}), status::ok);
      block.p = nullptr;
    }
    if (stream.one_in(16)) {
      for (held_block& every : live) {
        ASSERT_EQ(a.deallocate(every.p, {24, 1}), status::ok);
        every.p = nullptr;
      }
      static_cast<void>(a.trim());
    }
    ASSERT_EQ(a.validate_step(audit, 1 + stream.below(4)), status::ok);
    if (audit.finished()) {
      audit = {};
      ++passes;
    }
    if (step % 64 == 0) {
      growing_case::cursor cursor;
      usage sum;
      ASSERT_EQ(finish(cursor, [&] { return a.usage_step(cursor, 3, sum); }), status::ok);
      ASSERT_TRUE(sum == a.usage());
    }
  }
  EXPECT_GT(passes, 20U);
  a.release_all();
}

}  // namespace
}  // namespace acre::test::steps
