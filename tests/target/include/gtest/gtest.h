// SPDX-License-Identifier: MIT
// The part of GoogleTest that acre's tests use, for firmware: no heap, no standard library, no
// exceptions. The same test sources are compiled with GoogleTest itself on hosts.
//
// What differs: death checks are counted and reported, not run; there is no SetUpTestSuite (it does
// not compile), no matchers, no Combine, no filter; a name generator returns const char*; a streamed
// class prints as its size.
#pragma once

#include <gtest/acre/parameters.hpp>

// A bare `if` in a macro would swallow the `else` of its user.
#define ACRE_TEST_ALONE \
  switch (0)            \
  case 0:               \
  default:

#define ACRE_TEST_SITE(left, right)                                 \
  static constexpr ::testing::internal::check_site acre_test_site { \
    __FILE__, __LINE__, left, right                                 \
  }

// `leave` is empty, or returns from the test with what follows.
#define ACRE_TEST_CHECK(leave, left, right, ...)                                        \
  ACRE_TEST_ALONE if (ACRE_TEST_SITE(left, right); ::testing::internal::__VA_ARGS__) {} \
  else leave ::testing::internal::note()

#define ACRE_TEST_STAY
#define ACRE_TEST_LEAVE return ::testing::internal::leave_test() =

#define ACRE_TEST_COMPARE(leave, name, left, right) \
  ACRE_TEST_CHECK(leave, #left, #right, compare_##name(acre_test_site, left, right))
#define ACRE_TEST_CONDITION(leave, expected, condition) \
  ACRE_TEST_CHECK(leave, #condition, "", check_condition(acre_test_site, expected, condition))
#define ACRE_TEST_TEXT(leave, equal, left, right) \
  ACRE_TEST_CHECK(leave, #left, #right, compare_text(acre_test_site, equal, left, right))
#define ACRE_TEST_NEAR(leave, left, right, distance) \
  ACRE_TEST_CHECK(leave, #left, #right, compare_near(acre_test_site, left, right, distance))
#define ACRE_TEST_NO_FATAL(leave, statement)                \
  ACRE_TEST_CHECK(leave, "no fatal failure in", #statement, \
                  statement_is_fine(acre_test_site, [&]() { statement; }))

#define EXPECT_EQ(left, right) ACRE_TEST_COMPARE(ACRE_TEST_STAY, eq, left, right)
#define EXPECT_NE(left, right) ACRE_TEST_COMPARE(ACRE_TEST_STAY, ne, left, right)
#define EXPECT_LT(left, right) ACRE_TEST_COMPARE(ACRE_TEST_STAY, lt, left, right)
#define EXPECT_LE(left, right) ACRE_TEST_COMPARE(ACRE_TEST_STAY, le, left, right)
#define EXPECT_GT(left, right) ACRE_TEST_COMPARE(ACRE_TEST_STAY, gt, left, right)
#define EXPECT_GE(left, right) ACRE_TEST_COMPARE(ACRE_TEST_STAY, ge, left, right)
#define EXPECT_TRUE(condition) ACRE_TEST_CONDITION(ACRE_TEST_STAY, true, condition)
#define EXPECT_FALSE(condition) ACRE_TEST_CONDITION(ACRE_TEST_STAY, false, condition)
#define EXPECT_STREQ(left, right) ACRE_TEST_TEXT(ACRE_TEST_STAY, true, left, right)
#define EXPECT_STRNE(left, right) ACRE_TEST_TEXT(ACRE_TEST_STAY, false, left, right)
#define EXPECT_NEAR(left, right, distance) ACRE_TEST_NEAR(ACRE_TEST_STAY, left, right, distance)
#define EXPECT_NO_FATAL_FAILURE(statement) ACRE_TEST_NO_FATAL(ACRE_TEST_STAY, statement)

#define ASSERT_EQ(left, right) ACRE_TEST_COMPARE(ACRE_TEST_LEAVE, eq, left, right)
#define ASSERT_NE(left, right) ACRE_TEST_COMPARE(ACRE_TEST_LEAVE, ne, left, right)
#define ASSERT_LT(left, right) ACRE_TEST_COMPARE(ACRE_TEST_LEAVE, lt, left, right)
#define ASSERT_LE(left, right) ACRE_TEST_COMPARE(ACRE_TEST_LEAVE, le, left, right)
#define ASSERT_GT(left, right) ACRE_TEST_COMPARE(ACRE_TEST_LEAVE, gt, left, right)
#define ASSERT_GE(left, right) ACRE_TEST_COMPARE(ACRE_TEST_LEAVE, ge, left, right)
#define ASSERT_TRUE(condition) ACRE_TEST_CONDITION(ACRE_TEST_LEAVE, true, condition)
#define ASSERT_FALSE(condition) ACRE_TEST_CONDITION(ACRE_TEST_LEAVE, false, condition)
#define ASSERT_STREQ(left, right) ACRE_TEST_TEXT(ACRE_TEST_LEAVE, true, left, right)
#define ASSERT_STRNE(left, right) ACRE_TEST_TEXT(ACRE_TEST_LEAVE, false, left, right)
#define ASSERT_NEAR(left, right, distance) ACRE_TEST_NEAR(ACRE_TEST_LEAVE, left, right, distance)
#define ASSERT_NO_FATAL_FAILURE(statement) ACRE_TEST_NO_FATAL(ACRE_TEST_LEAVE, statement)

#define ADD_FAILURE() \
  ACRE_TEST_CHECK(ACRE_TEST_STAY, "a failure was added", "", failed(acre_test_site))
#define GTEST_FAIL() ACRE_TEST_CHECK(ACRE_TEST_LEAVE, "the test failed", "", failed(acre_test_site))
#define FAIL() GTEST_FAIL()
#define GTEST_SUCCEED() ::testing::internal::no_note()
#define SUCCEED() GTEST_SUCCEED()
#define GTEST_SKIP() \
  ACRE_TEST_CHECK(return ::testing::internal::leave_quietly() =, "", "", skipped(acre_test_site))

// A death check needs a process of its own. It is compiled, counted, reported, and not run.
#define EXPECT_DEATH(statement, pattern)                                       \
  ACRE_TEST_ALONE if (ACRE_TEST_SITE(#statement, "");                          \
                      ::testing::internal::skip_death_check(acre_test_site)) { \
    statement;                                                                 \
  }                                                                            \
  else ::testing::internal::no_note()
#define ASSERT_DEATH(statement, pattern) EXPECT_DEATH(statement, pattern)
#define EXPECT_DEATH_IF_SUPPORTED(statement, pattern) EXPECT_DEATH(statement, pattern)
#define ASSERT_DEATH_IF_SUPPORTED(statement, pattern) EXPECT_DEATH(statement, pattern)

#define ACRE_TEST_JOIN_(a, b) a##b
#define ACRE_TEST_JOIN(a, b) ACRE_TEST_JOIN_(a, b)
#define SCOPED_TRACE(message)                                                         \
  const ::testing::internal::scoped_trace ACRE_TEST_JOIN(acre_test_trace_, __LINE__)( \
      __FILE__, __LINE__, message)

// --- tests

#define ACRE_TEST_DEFINE(suite, name, parent, tag)                                             \
  class suite##_##name##_Test : public parent {                                                \
   private:                                                                                    \
    void TestBody() override;                                                                  \
  };                                                                                           \
  static constexpr ::testing::internal::test_case suite##_##name##_case = {                    \
      #suite, #name, &::testing::internal::single_instance<suite##_##name##_Test>, 1, 1, tag}; \
  ACRE_TEST_REGISTER("acre_test_cases", test_case, suite##_##name##_case);                     \
  void suite##_##name##_Test::TestBody()

#define TEST(suite, name) ACRE_TEST_DEFINE(suite, name, ::testing::Test, nullptr)
#define TEST_F(suite, name) ACRE_TEST_DEFINE(suite, name, suite, nullptr)
#define TEST_P(suite, name) \
  ACRE_TEST_DEFINE(suite, name, suite, &::testing::internal::suite_tag<suite>)

// A name generator may follow; parameters are numbered here all the same.
#define INSTANTIATE_TEST_SUITE_P(prefix, suite, generator, ...)                         \
  static unsigned prefix##_##suite##_count() {                                          \
    return static_cast<unsigned>((generator).size());                                   \
  }                                                                                     \
  static void prefix##_##suite##_select(unsigned index) {                               \
    suite::set_parameter((generator).template get<suite::ParamType>(index));            \
  }                                                                                     \
  static constexpr ::testing::internal::parameter_set prefix##_##suite##_parameters = { \
      #prefix, &::testing::internal::suite_tag<suite>, &prefix##_##suite##_count,       \
      &prefix##_##suite##_select};                                                      \
  ACRE_TEST_REGISTER("acre_test_parameters", parameter_set, prefix##_##suite##_parameters)

// --- typed tests

#define ACRE_TEST_TYPED_CASE(object, suite, names, tests, labels, type_list) \
  static constexpr ::testing::internal::test_case object = {                 \
      suite,                                                                 \
      names,                                                                 \
      ::testing::internal::typed_instances<tests, labels, type_list>::table, \
      ::testing::internal::typed_instances<tests, labels, type_list>::count, \
      ::testing::internal::typed_instances<tests, labels, type_list>::types, \
      nullptr};                                                              \
  ACRE_TEST_REGISTER("acre_test_cases", test_case, object)

#define ACRE_TEST_TYPED_CLASS(suite, name) \
  template <class acre_type>               \
  class name : public suite<acre_type> {   \
   private:                                \
    using TestFixture = suite<acre_type>;  \
    using TypeParam = acre_type;           \
    void TestBody() override;              \
  }

#define TYPED_TEST_SUITE(suite, type_list, ...) \
  using suite##_acre_types = type_list;         \
  using suite##_acre_labels = ::testing::internal::names_or_numbers<__VA_ARGS__>

#define TYPED_TEST(suite, name)                                                                  \
  ACRE_TEST_TYPED_CLASS(suite, suite##_##name##_Test);                                           \
  using suite##_##name##_templates = ::testing::internal::test_templates<suite##_##name##_Test>; \
  ACRE_TEST_TYPED_CASE(suite##_##name##_case, #suite, #name, suite##_##name##_templates,         \
                       suite##_acre_labels, suite##_acre_types);                                 \
  template <class acre_type>                                                                     \
  void suite##_##name##_Test<acre_type>::TestBody()

#define TYPED_TEST_SUITE_P(suite) \
  namespace suite##_acre_tests {}

#define TYPED_TEST_P(suite, name)       \
  namespace suite##_acre_tests {        \
    ACRE_TEST_TYPED_CLASS(suite, name); \
  }                                     \
  template <class acre_type>            \
  void suite##_acre_tests::name<acre_type>::TestBody()

#define REGISTER_TYPED_TEST_SUITE_P(suite, ...)                              \
  namespace suite##_acre_tests {                                             \
    using acre_templates = ::testing::internal::test_templates<__VA_ARGS__>; \
    inline constexpr char acre_names[] = #__VA_ARGS__;                       \
  }                                                                          \
  static_assert(true)

#define INSTANTIATE_TYPED_TEST_SUITE_P(prefix, suite, type_list, ...)                      \
  using prefix##_##suite##_types = type_list;                                              \
  using prefix##_##suite##_labels = ::testing::internal::names_or_numbers<__VA_ARGS__>;    \
  ACRE_TEST_TYPED_CASE(prefix##_##suite##_case, #prefix "/" #suite,                        \
                       suite##_acre_tests::acre_names, suite##_acre_tests::acre_templates, \
                       prefix##_##suite##_labels, prefix##_##suite##_types)
