// SPDX-License-Identifier: MIT
// Tests that must fail, each in its own way; expected_failures.txt has what they must print.
#include <gtest/gtest.h>

#include <stdint.h>

namespace {

enum class color : uint8_t { red = 1, green };

TEST(failing, comparison_prints_both_values) {
  const int answer = 41;
  EXPECT_EQ(answer, 42) << "the answer is not " << answer;
}

TEST(failing, values_of_every_kind) {
  const char* text = "abc";
  const uint64_t largest = UINT64_MAX;
  const int64_t lowest = INT64_MIN;
  const bool yes = true;
  int* null = nullptr;
  EXPECT_EQ(-5, 5U * 0);
  EXPECT_NE(yes, true);
  EXPECT_NE(null, nullptr);
  EXPECT_EQ(color::green, color::red);
  EXPECT_LT('b', 'a');
  EXPECT_STREQ(text, "abd");
  EXPECT_GT(uint64_t{0}, largest);
  EXPECT_EQ(lowest, 0);
  EXPECT_NEAR(1.5, -2.25, 0.5);
}

TEST(failing, assert_ends_the_test) {
  ASSERT_TRUE(false);
  ADD_FAILURE() << "not reached";
}

void fails() {
  FAIL() << "a reason";
}

TEST(failing, traces_are_printed_innermost_first) {
  SCOPED_TRACE("outer");
  {
    SCOPED_TRACE(::testing::Message() << "inner " << 7);
    ADD_FAILURE();
  }
  ASSERT_NO_FATAL_FAILURE(fails());
  ADD_FAILURE() << "not reached";
}

::testing::AssertionResult is_even(int number) {
  return ::testing::AssertionFailure() << number << " is odd";
}

TEST(failing, assertion_result_says_why) {
  EXPECT_TRUE(is_even(3));
}

class set_up_fails : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(true);
  }
};

TEST_F(set_up_fails, body_is_not_run) {
  ADD_FAILURE() << "not reached";
}

class without_values : public ::testing::TestWithParam<int> {};

TEST_P(without_values, is_a_failure) {
  ADD_FAILURE() << "not reached";
}

TEST(other, skip_has_a_text) {
  GTEST_SKIP() << "because of " << 3 << " reasons";
}

TEST(other, death_checks_are_counted) {
  EXPECT_DEATH(__builtin_trap(), "") << "dropped";
}

TEST(other, passes) {}

}  // namespace
