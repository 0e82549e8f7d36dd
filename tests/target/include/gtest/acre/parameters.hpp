// SPDX-License-Identifier: MIT
// parameters: TEST_P, and the generators Values, ValuesIn, Range and Bool.
//
// A parameter type is default constructible and assignable: the value of the running test is a copy
// in one static object, since there is no heap.
#pragma once

#include <gtest/acre/registry.hpp>

namespace testing {

template <class T>
class WithParamInterface {
 public:
  using ParamType = T;
  static const T& GetParam() {
    return current_;
  }
  static void set_parameter(const T& value) {
    current_ = value;
  }

 private:
  static inline T current_{};
};

template <class T>
class TestWithParam : public Test, public WithParamInterface<T> {};

namespace internal {

template <class... Ts>
struct value_list;

template <>
struct value_list<> {
  static constexpr unsigned count = 0;
};

template <class First, class... Rest>
struct value_list<First, Rest...> {
  First first;
  value_list<Rest...> rest;

  static constexpr unsigned count = 1 + sizeof...(Rest);
  static constexpr unsigned size() {
    return count;
  }
  template <class T>
  constexpr T get(unsigned index) const {
    if constexpr (sizeof...(Rest) > 0) {
      if (index > 0) {
        return rest.template get<T>(index - 1);
      }
    }
    return static_cast<T>(first);
  }
};

template <class Value>
struct value_range {
  Value begin;
  Value step;
  unsigned count;

  constexpr unsigned size() const {
    return count;
  }
  template <class T>
  constexpr T get(unsigned index) const {
    return static_cast<T>(begin + static_cast<Value>(index) * step);
  }
};

template <class Value>
struct value_array {
  const Value* values;
  unsigned count;

  constexpr unsigned size() const {
    return count;
  }
  template <class T>
  constexpr T get(unsigned index) const {
    return static_cast<T>(values[index]);
  }
};

/// One address per suite.
template <class Suite>
inline constexpr char suite_tag = 0;

}  // namespace internal

constexpr internal::value_list<> Values() {
  return {};
}
template <class First, class... Rest>
constexpr internal::value_list<First, Rest...> Values(First first, Rest... rest) {
  return {first, Values(rest...)};
}
inline constexpr internal::value_list<bool, bool> Bool() {
  return Values(false, true);
}
/// begin, begin + step, ... below end.
template <class T>
constexpr internal::value_range<T> Range(T begin, T end, T step = T(1)) {
  unsigned count = 0;
  for (T value = begin; value < end; value = static_cast<T>(value + step)) {
    ++count;
  }
  return {begin, step, count};
}
template <class T, size_t N>
constexpr internal::value_array<T> ValuesIn(const T (&values)[N]) {
  return {values, N};
}

}  // namespace testing
