// SPDX-License-Identifier: MIT
// registry: how tests are found and run. Each test is a constant; the linker gathers pointers to them
// in the section acre_test_cases, so that a thousand tests take no RAM and no constructor.
#pragma once

#include <gtest/acre/checks.hpp>

namespace testing {

class Test {
 public:
  virtual ~Test() = default;
  static bool HasFatalFailure();
  static bool HasNonfatalFailure();
  static bool HasFailure();
  static bool IsSkipped();

  // Tests of one suite are not grouped here, so that suite-wide set-up has no place: a fixture that
  // defines these does not compile (see run).
  static void SetUpTestSuite() {}
  static void TearDownTestSuite() {}

 protected:
  Test() = default;
  virtual void SetUp() {}
  virtual void TearDown() {}

 private:
  friend struct test_runner;
  virtual void TestBody() = 0;
};

/// Runs what a test consists of.
struct test_runner {
  static void run(Test& test);
};

/// Types of a typed suite.
template <class... Ts>
struct Types {};

namespace internal {

/// One test with one type: `label` prints what tells it from its siblings; null if there are none.
struct test_instance {
  void (*run)();
  void (*label)(writer& out, unsigned type_index);
};

/// One test, or the tests of a typed suite: instances[test * types + type].
struct test_case {
  const char* suite;
  const char* names;  // separated by commas
  const test_instance* instances;
  unsigned count;
  unsigned types;
  const char* parameters;  // the tag of a suite with parameters, else null
};

/// The values that one INSTANTIATE_TEST_SUITE_P gives to the suite with this tag.
struct parameter_set {
  const char* prefix;
  const char* tag;
  unsigned (*count)();
  void (*select)(unsigned index);
};

/// Constructs the fixture on the stack, for the time of the test.
template <class Fixture>
[[gnu::noinline]] void run() {
  static_assert(&Fixture::SetUpTestSuite == &Test::SetUpTestSuite &&
                    &Fixture::TearDownTestSuite == &Test::TearDownTestSuite,
                "the firmware's GoogleTest has no suite-wide set-up");
  Fixture fixture;
  test_runner::run(fixture);
}

template <class Fixture>
inline constexpr test_instance single_instance = {&run<Fixture>, nullptr};

// --- typed suites

struct number_names {};

/// The generator that was given, or the default. Its GetName<T>(index) must return const char*.
template <class Names = number_names>
using names_or_numbers = Names;

template <class Names, class T>
void type_label(writer& out, unsigned index) {
  if constexpr (is_same<Names, number_names>) {
    out.number(index);
  } else {
    out.text(Names::template GetName<T>(static_cast<int>(index)));
  }
}

template <template <class> class... Tests>
struct test_templates {};

template <class Tests, class Names, class List>
struct typed_instances;

template <template <class> class Only, class Names, class... Ts>
struct typed_instances<test_templates<Only>, Names, Types<Ts...>> {
  static constexpr unsigned types = sizeof...(Ts);
  static constexpr unsigned count = types;
  static constexpr test_instance table[] = {{&run<Only<Ts>>, &type_label<Names, Ts>}...};
};

template <template <class> class First, template <class> class Second,
          template <class> class... Rest, class Names, class... Ts>
struct typed_instances<test_templates<First, Second, Rest...>, Names, Types<Ts...>> {
  using list = Types<Ts...>;
  static constexpr unsigned types = sizeof...(Ts);
  static constexpr unsigned count = types * (2 + sizeof...(Rest));

  struct rows {
    test_instance instance[count];
  };
  static constexpr rows join() {
    rows all{};
    unsigned next = 0;
    const auto append = [&](const test_instance* row) {
      for (unsigned i = 0; i < types; ++i) {
        all.instance[next++] = row[i];
      }
    };
    append(typed_instances<test_templates<First>, Names, list>::table);
    append(typed_instances<test_templates<Second>, Names, list>::table);
    (append(typed_instances<test_templates<Rest>, Names, list>::table), ...);
    return all;
  }
  static constexpr rows joined = join();
  static constexpr const test_instance* table = joined.instance;
};

}  // namespace internal
}  // namespace testing

// GCC reverses the order of the source without it; Clang does not, and does not know it.
#if defined(__clang__)
#define ACRE_TEST_IN_ORDER
#else
#define ACRE_TEST_IN_ORDER [[gnu::no_reorder]]
#endif

/// Puts a pointer to a constant into a section; sections of pointers have no gaps.
#define ACRE_TEST_REGISTER(section_name, kind, object) \
  ACRE_TEST_IN_ORDER                                   \
  [[gnu::section(section_name),                        \
    gnu::used]] static const ::testing::internal::kind* const object##_registered = &object
