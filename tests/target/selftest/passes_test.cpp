// SPDX-License-Identifier: MIT
// Tests of the firmware's GoogleTest that must pass. On hosts they also run with GoogleTest itself, so
// that both mean the same.
#include <gtest/gtest.h>

#include <stddef.h>
#include <stdint.h>

namespace {

enum class color { red, green };

int constructed = 0;
int destroyed = 0;
int set_ups = 0;
int tear_downs = 0;

class fixture : public ::testing::Test {
 public:
  fixture() {
    ++constructed;
  }
  ~fixture() override {
    ++destroyed;
  }

 protected:
  void SetUp() override {
    ++set_ups;
  }
  void TearDown() override {
    ++tear_downs;
  }
  int member_ = 7;
};

TEST_F(fixture, is_set_up_and_fresh) {
  EXPECT_EQ(set_ups, constructed);
  EXPECT_EQ(tear_downs, destroyed);
  EXPECT_EQ(member_, 7);
  member_ = 8;
}

TEST_F(fixture, is_fresh_again) {
  EXPECT_EQ(set_ups, constructed);
  EXPECT_EQ(tear_downs, destroyed);
  EXPECT_EQ(member_, 7);
  member_ = 8;
}

TEST(checks, compare_values_of_every_kind) {
  int object = 0;
  int* null = nullptr;
  EXPECT_EQ(object, 0);
  EXPECT_EQ(size_t{3}, 3U);
  EXPECT_EQ(null, nullptr);
  EXPECT_NE(&object, nullptr);
  EXPECT_EQ(color::red, color::red);
  EXPECT_NE(color::red, color::green);
  EXPECT_LT(-1, 0);
  EXPECT_LE(0, 0);
  EXPECT_GT(uint64_t{1} << 40, uint64_t{1} << 39);
  EXPECT_GE('b', 'a');
  EXPECT_TRUE(&object);
  EXPECT_FALSE(null) << "never printed";
  EXPECT_STREQ("abc", "abc");
  EXPECT_STRNE("abc", "abd");
  ASSERT_EQ(true, !false);
  ASSERT_NE(1, 2);
  ASSERT_LT(1, 2);
  ASSERT_LE(1, 2);
  ASSERT_GT(2, 1);
  ASSERT_GE(2, 1);
  ASSERT_TRUE(true) << object << true << &object;
  ASSERT_FALSE(false);
  SUCCEED() << "as expected";
}

TEST(checks, evaluate_their_arguments_once) {
  int evaluated = 0;
  EXPECT_EQ(++evaluated, 1);
  EXPECT_TRUE(++evaluated == 2);
  ASSERT_GE(++evaluated, 3);
  EXPECT_EQ(evaluated, 3);
}

TEST(checks, leave_the_else_of_their_user_alone) {
  bool taken = false;
  if (constructed < 0)
    EXPECT_TRUE(false);
  else
    taken = true;
  EXPECT_TRUE(taken);
}

::testing::AssertionResult is_even(int number) {
  if (number % 2 == 0) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << number << " is odd";
}

TEST(checks, take_assertion_results) {
  EXPECT_TRUE(is_even(2));
  EXPECT_FALSE(is_even(3));
}

void passes() {
  ASSERT_TRUE(true);
}

TEST(checks, can_be_in_functions) {
  SCOPED_TRACE("not printed");
  SCOPED_TRACE(::testing::Message() << "nor this " << 1);
  ASSERT_NO_FATAL_FAILURE(passes());
  EXPECT_FALSE(HasFailure());
}

TEST(skips, are_counted) {
  GTEST_SKIP() << "on purpose, number " << 1;
}

template <class T>
class typed : public ::testing::Test {
 protected:
  static constexpr size_t size() {
    return sizeof(T);
  }
};

using small_types = ::testing::Types<char, uint16_t, uint32_t>;
TYPED_TEST_SUITE(typed, small_types);

int typed_runs = 0;

TYPED_TEST(typed, run_once_per_type) {
  ++typed_runs;
  EXPECT_EQ(this->size(), sizeof(TypeParam));
  EXPECT_EQ(TestFixture::size(), sizeof(TypeParam));
}

struct size_names {
  template <class T>
  static const char* GetName(int) {
    return sizeof(T) == 1 ? "byte" : sizeof(T) == 2 ? "half" : "word";
  }
};

template <class T>
class named : public typed<T> {};

TYPED_TEST_SUITE(named, small_types, size_names);

TYPED_TEST(named, takes_a_name_generator) {
  EXPECT_GT(this->size(), 0U);
}

template <class T>
class abstract : public ::testing::Test {};

int abstract_runs = 0;

TYPED_TEST_SUITE_P(abstract);
TYPED_TEST_P(abstract, first_law) {
  ++abstract_runs;
  EXPECT_EQ(TypeParam{}, TypeParam{});
}
TYPED_TEST_P(abstract, second_law) {
  ++abstract_runs;
  EXPECT_LE(TypeParam{}, TypeParam{});
}
TYPED_TEST_P(abstract, third_law) {
  ++abstract_runs;
  EXPECT_LT(TypeParam{}, TypeParam{1});
}
REGISTER_TYPED_TEST_SUITE_P(abstract, first_law, second_law, third_law);
INSTANTIATE_TYPED_TEST_SUITE_P(small, abstract, small_types);
INSTANTIATE_TYPED_TEST_SUITE_P(named, abstract, small_types, size_names);

class parameterised : public ::testing::TestWithParam<unsigned> {};

unsigned parameters_seen = 0;

TEST_P(parameterised, sees_each_value_once) {
  EXPECT_EQ(parameters_seen & (1U << GetParam()), 0U);
  parameters_seen |= 1U << GetParam();
}

INSTANTIATE_TEST_SUITE_P(values, parameterised, ::testing::Values(1U, 3U, 5U));
INSTANTIATE_TEST_SUITE_P(range, parameterised, ::testing::Range(10U, 16U, 2U));

const unsigned some_values[] = {20, 21};
INSTANTIATE_TEST_SUITE_P(array, parameterised, ::testing::ValuesIn(some_values));

}  // namespace
