// SPDX-License-Identifier: MIT
// validate_step of every allocator: the same answer as validate() while nothing happens, no false alarm
// whatever happens between two steps, and no harm from a cursor that is out of date or another allocator's.
// Damage is planted in corruption_test.cpp.
#include "steps_suite.hpp"

namespace acre::test::steps {
namespace {

TYPED_TEST_SUITE(steps_test, cases, case_names);

TYPED_TEST(steps_test, a_pass_finds_what_validate_finds) {
  auto& a = TestFixture::subject();
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
  auto& a = TestFixture::subject();
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
  auto& a = TestFixture::subject();
  random stream(2);
  TestFixture::fill(stream);
  // With padding that is not compared by chance.
  alignas(typename TypeParam::cursor) unsigned char memory[sizeof(typename TypeParam::cursor)] = {};
  auto& cursor = *new (detail::placement{memory}) typename TypeParam::cursor;
  for (int i = 0; i < 3; ++i) {
    unsigned char before[sizeof cursor];
    __builtin_memcpy(before, &cursor, sizeof cursor);
    EXPECT_EQ(a.validate_step(cursor, 0), status::ok);
    EXPECT_EQ(__builtin_memcmp(before, &cursor, sizeof cursor), 0);
    EXPECT_EQ(a.validate_step(cursor, 1), status::ok);
  }
}

TYPED_TEST(steps_test, a_pass_ends_and_raises_no_false_alarm_while_the_allocator_is_used) {
  auto& a = TestFixture::subject();
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
  typename TypeParam::allocator a;
  EXPECT_EQ(a.validate_step(fresh, 1), status::not_initialised);
  EXPECT_FALSE(fresh.finished());
  random stream(4);
  TestFixture::fill(stream);
  typename TypeParam::cursor used;
  EXPECT_EQ(TestFixture::subject().validate_step(used, 3), status::ok);
  EXPECT_EQ(a.validate_step(used, SIZE_MAX), status::not_initialised);
  if constexpr (TypeParam::has_usage) {
    usage sum;
    EXPECT_EQ(a.usage_step(fresh, 1, sum), status::not_initialised);
    EXPECT_TRUE(sum == usage{});
  }
}

TYPED_TEST(steps_test, a_cursor_does_no_harm_after_init) {
  auto& a = TestFixture::subject();
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
  auto& a = TestFixture::subject();
  typename TypeParam::allocator b;
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
}

}  // namespace
}  // namespace acre::test::steps
