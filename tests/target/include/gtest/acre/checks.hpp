// SPDX-License-Identifier: MIT
// checks: comparisons that report, and the text that a test appends to them with <<.
//
// A check that holds costs a comparison and a branch. What a failing one reports lies in read-only
// memory (check_site), so that a check takes no RAM.
#pragma once

#include <gtest/acre/writer.hpp>

namespace testing {

/// Text put together from values; at most 127 characters are kept.
class Message {
 public:
  template <class T>
  Message& operator<<(const T& value) {
    internal::print(writer_, value);
    return *this;
  }
  Message() = default;
  Message(const Message& other) {
    writer_.text(other.text_);
  }
  Message& operator=(const Message&) = delete;
  [[nodiscard]] const char* c_str() const {
    return text_;
  }

 private:
  char text_[128] = {};
  internal::writer writer_{text_, sizeof text_};
};

/// A bool that says why.
class AssertionResult {
 public:
  explicit AssertionResult(bool success) : success_(success) {}
  template <class T>
  AssertionResult& operator<<(const T& value) {
    message_ << value;
    return *this;
  }
  explicit operator bool() const {
    return success_;
  }
  [[nodiscard]] const char* message() const {
    return message_.c_str();
  }

 private:
  bool success_;
  Message message_;
};

inline AssertionResult AssertionSuccess() {
  return AssertionResult(true);
}
inline AssertionResult AssertionFailure() {
  return AssertionResult(false);
}

namespace internal {

inline void print(writer& out, const Message& message) {
  out.text(message.c_str());
}

/// What a check looks like in the source.
struct check_site {
  const char* file;
  int line;
  const char* left;
  const char* right;
};

void report_comparison(const check_site& site, const char* relation, printable left,
                       printable right);
void report_condition(const check_site& site, bool expected, const char* why);
/// These two report what their name says; false, so that the macro goes on to the text.
bool failed(const check_site& site);
bool skipped(const check_site& site);
/// Counts a death check that cannot run here, and says so; false.
bool skip_death_check(const check_site& site);
bool has_fatal_failure();
bool same_text(const char* left, const char* right);

#define ACRE_TEST_COMPARISON(name, relation)                                          \
  template <class Left, class Right>                                                  \
  bool compare_##name(const check_site& site, const Left& left, const Right& right) { \
    if (left relation right) {                                                        \
      return true;                                                                    \
    }                                                                                 \
    report_comparison(site, #relation, printable::of(left), printable::of(right));    \
    return false;                                                                     \
  }
ACRE_TEST_COMPARISON(eq, ==)
ACRE_TEST_COMPARISON(ne, !=)
ACRE_TEST_COMPARISON(lt, <)
ACRE_TEST_COMPARISON(le, <=)
ACRE_TEST_COMPARISON(gt, >)
ACRE_TEST_COMPARISON(ge, >=)
#undef ACRE_TEST_COMPARISON

inline bool compare_text(const check_site& site, bool equal, const char* left, const char* right) {
  if (same_text(left, right) == equal) {
    return true;
  }
  report_comparison(site, equal ? "equals" : "differs from", printable::of(left),
                    printable::of(right));
  return false;
}

template <class Left, class Right, class Distance>
bool compare_near(const check_site& site, Left left, Right right, Distance distance) {
  if ((left < right ? right - left : left - right) <= distance) {
    return true;
  }
  report_comparison(site, "near", printable::of(left), printable::of(right));
  return false;
}

template <class Condition>
bool check_condition(const check_site& site, bool expected, const Condition& condition) {
  if (static_cast<bool>(condition) == expected) {
    return true;
  }
  if constexpr (is_same<Condition, AssertionResult>) {
    report_condition(site, expected, condition.message());
  } else {
    report_condition(site, expected, "");
  }
  return false;
}

template <class Statement>
bool statement_is_fine(const check_site& site, Statement statement) {
  statement();
  return !has_fatal_failure() || failed(site);
}

/// What follows a failed check with <<.
class note {
 public:
  note() = default;
  note(const note&) = delete;
  note& operator=(const note&) = delete;
  ~note();
  template <class T>
  const note& operator<<(const T& value) const {
    begin();
    writer out;
    print(out, value);
    return *this;
  }

 private:
  void begin() const;
  mutable bool begun_ = false;
};

/// Takes what follows and drops it.
struct no_note {
  template <class T>
  const no_note& operator<<(const T&) const {
    return *this;
  }
};

/// `return leave_test() = note() << ...` is a statement of type void, as ASSERT_ needs it.
struct leave_test {
  void operator=(const note&) const;
};
/// The same, for GTEST_SKIP and SUCCEED.
struct leave_quietly {
  void operator=(const note&) const {}
};

/// A line that is printed with each failure while it is in scope.
class trace {
 public:
  trace(const trace&) = delete;
  trace& operator=(const trace&) = delete;

 protected:
  trace(const char* file, int line, printable what);
  ~trace();

 private:
  friend void print_traces();
  const trace* outer_;
  const char* file_;
  int line_;
  printable what_;
};

template <class T>
class scoped_trace : trace {
 public:
  scoped_trace(const char* file, int line, T value)
      : trace(file, line, printable::of(value_)), value_(value) {}

 private:
  T value_;
};

}  // namespace internal
}  // namespace testing
