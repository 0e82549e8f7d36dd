// SPDX-License-Identifier: MIT
// Runs the tests that the linker gathered, and reports what fails.
#include <gtest/gtest.h>

#include <acre/platform/board.hpp>
#include <acre/platform/console.hpp>
#include <acre/platform/stack.hpp>

#include "run_all_tests.hpp"

using testing::internal::parameter_set;
using testing::internal::test_case;

// The linker names the ends of a section whose name is an identifier.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
extern const test_case* const __start_acre_test_cases[];
extern const test_case* const __stop_acre_test_cases[];
[[gnu::weak]] extern const parameter_set* const __start_acre_test_parameters[];
[[gnu::weak]] extern const parameter_set* const __stop_acre_test_parameters[];
}
// NOLINTEND(bugprone-reserved-identifier)

namespace testing {
namespace internal {

// --- writer

void writer::write(const char* text, size_t length) {
  if (buffer_ == nullptr) {
    acre::platform::console_write(text, length);
    return;
  }
  for (size_t i = 0; i < length && used_ + 1 < capacity_; ++i) {
    buffer_[used_++] = text[i];
  }
  buffer_[used_] = '\0';
}

void writer::text(const char* text) {
  if (text == nullptr) {
    text = "(null)";
  }
  size_t length = 0;
  while (text[length] != '\0') {
    ++length;
  }
  write(text, length);
}

void writer::boolean(bool value) {
  text(value ? "true" : "false");
}

void writer::number(unsigned long long value) {
  char digits[20];
  size_t first = sizeof digits;
  do {
    digits[--first] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  write(digits + first, sizeof digits - first);
}

void writer::negative(unsigned long long magnitude) {
  write("-", 1);
  number(magnitude);
}

void writer::address(const void* value) {
  char digits[2 * sizeof(uintptr_t)];
  size_t first = sizeof digits;
  auto rest = reinterpret_cast<uintptr_t>(value);
  do {
    digits[--first] = "0123456789abcdef"[rest & 15];
    rest >>= 4;
  } while (rest != 0);
  text("0x");
  write(digits + first, sizeof digits - first);
}

void writer::opaque(size_t size) {
  text("(");
  number(size);
  text(" bytes)");
}

// --- the running test

namespace {

struct {
  const test_case* running;
  unsigned instance;
  const parameter_set* parameters;
  unsigned parameter;
  bool failed;
  bool fatal;
  bool skipped;
} current;

struct {
  unsigned passed;
  unsigned failed;
  unsigned skipped;
  unsigned death_checks;
} totals;

const trace* innermost_trace = nullptr;

// The n-th of "a, b, c".
void print_name(writer& out, const char* names, unsigned n) {
  for (; n > 0; --n) {
    while (*names != ',') {
      ++names;
    }
    do {
      ++names;
    } while (*names == ' ');
  }
  size_t length = 0;
  while (names[length] != '\0' && names[length] != ',') {
    ++length;
  }
  out.write(names, length);
}

// As GoogleTest names it: [prefix/]suite[/type].name[/parameter].
void print_running_test(writer& out) {
  const test_case& test = *current.running;
  const unsigned type = current.instance % test.types;
  if (current.parameters != nullptr) {
    out.text(current.parameters->prefix);
    out.text("/");
  }
  out.text(test.suite);
  if (const auto label = test.instances[current.instance].label) {
    out.text("/");
    label(out, type);
  }
  out.text(".");
  print_name(out, test.names, current.instance / test.types);
  if (current.parameters != nullptr) {
    out.text("/");
    out.number(current.parameter);
  }
}

void begin_report(writer& out, const char* file, int line, const char* what) {
  out.text(file);
  out.text(":");
  out.number(static_cast<unsigned>(line));
  out.text(": ");
  out.text(what);
  out.text(" ");
  print_running_test(out);
}

// Nothing for a literal, whose value is its text.
void print_value(writer& out, const char* expression, printable value) {
  char text[24];
  writer start(text, sizeof text);
  value.print_to(start, value.value);
  if (same_text(text, expression)) {
    return;
  }
  out.text("\n  ");
  out.text(expression);
  out.text(" is ");
  value.print_to(out, value.value);
}

}  // namespace

void print_traces() {
  writer out;
  for (const trace* t = innermost_trace; t != nullptr; t = t->outer_) {
    out.text("\n  from ");
    out.text(t->file_);
    out.text(":");
    out.number(static_cast<unsigned>(t->line_));
    out.text(": ");
    t->what_.print_to(out, t->what_.value);
  }
}

trace::trace(const char* file, int line, printable what)
    : outer_(innermost_trace), file_(file), line_(line), what_(what) {
  innermost_trace = this;
}

trace::~trace() {
  innermost_trace = outer_;
}

// --- reports; each ends without a newline, which the note after it adds

void report_comparison(const check_site& site, const char* relation, printable left,
                       printable right) {
  writer out;
  current.failed = true;
  begin_report(out, site.file, site.line, "failed in");
  out.text("\n  expected ");
  out.text(site.left);
  out.text(" ");
  out.text(relation);
  out.text(" ");
  out.text(site.right);
  print_value(out, site.left, left);
  print_value(out, site.right, right);
  print_traces();
}

void report_condition(const check_site& site, bool expected, const char* why) {
  writer out;
  current.failed = true;
  begin_report(out, site.file, site.line, "failed in");
  out.text("\n  expected ");
  out.text(site.left);
  out.text(expected ? " to be true" : " to be false");
  if (*why != '\0') {
    out.text(": ");
    out.text(why);
  }
  print_traces();
}

bool failed(const check_site& site) {
  writer out;
  current.failed = true;
  begin_report(out, site.file, site.line, "failed in");
  out.text("\n  ");
  out.text(site.left);
  if (*site.right != '\0') {
    out.text(" ");
    out.text(site.right);
  }
  print_traces();
  return false;
}

bool skipped(const check_site& site) {
  writer out;
  current.skipped = true;
  begin_report(out, site.file, site.line, "skipped");
  return false;
}

bool skip_death_check(const check_site& site) {
  writer out;
  ++totals.death_checks;
  begin_report(out, site.file, site.line, "death check not run in");
  out.text(": ");
  out.text(site.left);
  out.text("\n");
  return false;
}

bool has_fatal_failure() {
  return current.fatal;
}

bool same_text(const char* left, const char* right) {
  if (left == nullptr || right == nullptr) {
    return left == right;
  }
  while (*left != '\0' && *left == *right) {
    ++left;
    ++right;
  }
  return *left == *right;
}

void note::begin() const {
  if (!begun_) {
    begun_ = true;
    writer().text("\n  ");
  }
}

note::~note() {
  writer().text("\n");
}

void leave_test::operator=(const note&) const {
  current.fatal = true;
}

// --- running

namespace {

// A stack that is used to the last word has overflowed, or was about to.
bool stack_overflowed() {
  const size_t size = acre::platform::stack_size();
  return size != 0 && acre::platform::stack_peak() >= size;
}

// False if the stack is gone, and with it the ground for any further result.
bool run_instance() {
  writer out;
  current.failed = current.fatal = current.skipped = false;
  current.running->instances[current.instance].run();
  const bool overflow = stack_overflowed();
  if (overflow) {
    out.text("stack overflow in ");
    print_running_test(out);
    out.text(": give the test more with STACK\n");
  }
  if (current.failed || overflow) {
    ++totals.failed;
  } else if (current.skipped) {
    ++totals.skipped;
  } else {
    ++totals.passed;
  }
  return !overflow;
}

// Runs the current instance with each value that some INSTANTIATE_TEST_SUITE_P has for its suite.
bool run_with_parameters(const char* tag) {
  unsigned runs = 0;
  for (const auto* set = __start_acre_test_parameters; set != __stop_acre_test_parameters; ++set) {
    if ((*set)->tag != tag) {
      continue;
    }
    current.parameters = *set;
    for (unsigned i = 0; i < (*set)->count(); ++i, ++runs) {
      current.parameter = i;
      (*set)->select(i);
      if (!run_instance()) {
        return false;
      }
    }
  }
  current.parameters = nullptr;
  if (runs == 0) {
    writer out;
    out.text("failed: no INSTANTIATE_TEST_SUITE_P for ");
    print_running_test(out);
    out.text("\n");
    ++totals.failed;
  }
  return true;
}

bool run_case(const test_case& test) {
  current.running = &test;
  for (unsigned i = 0; i < test.count; ++i) {
    current.instance = i;
    const bool alive =
        test.parameters == nullptr ? run_instance() : run_with_parameters(test.parameters);
    if (!alive) {
      return false;
    }
  }
  return true;
}

void print_totals(const char* image) {
  writer out;
  if (acre::platform::stack_size() != 0) {
    out.text("stack: at most ");
    out.number(acre::platform::stack_peak());
    out.text(" of ");
    out.number(acre::platform::stack_size());
    out.text(" bytes\n");
  }
  out.text(acre::platform::board_name);
  out.text("/");
  out.text(image);
  out.text(": ");
  out.number(totals.passed);
  out.text(" passed, ");
  out.number(totals.failed);
  out.text(" failed, ");
  out.number(totals.skipped);
  out.text(" skipped");
  if (totals.death_checks != 0) {
    out.text(", ");
    out.number(totals.death_checks);
    out.text(" death checks not run");
  }
  out.text("\n");
}

}  // namespace
}  // namespace internal

bool Test::HasFatalFailure() {
  return internal::current.fatal;
}
bool Test::HasFailure() {
  return internal::current.failed;
}
bool Test::HasNonfatalFailure() {
  return internal::current.failed && !internal::current.fatal;
}
bool Test::IsSkipped() {
  return internal::current.skipped;
}

void test_runner::run(Test& test) {
  test.SetUp();
  if (!Test::HasFatalFailure() && !Test::IsSkipped()) {
    test.TestBody();
  }
  test.TearDown();
}

int run_all_tests(const char* image) {
  for (const auto* test = __start_acre_test_cases; test != __stop_acre_test_cases; ++test) {
    if (!internal::run_case(**test)) {
      break;
    }
  }
  internal::print_totals(image);
  // An image without tests proves nothing.
  const bool any = internal::totals.passed + internal::totals.skipped != 0;
  return internal::totals.failed == 0 && any ? 0 : 1;
}

}  // namespace testing
