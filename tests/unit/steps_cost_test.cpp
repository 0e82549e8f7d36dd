// SPDX-License-Identifier: MIT
// How many instructions a call in steps takes: a + b * steps, for the table in docs/contexts.md ("How long
// interrupts wait"). Measured over all calls of passes over many states, nothing between the calls; the
// form holds on every board that counts, and the figures of the table on Cortex-M3.
#include <acre/platform/counter.hpp>

#include "steps_suite.hpp"

namespace acre::test::steps {
namespace {

#if defined(__ARM_ARCH_7M__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
constexpr bool has_figures = platform::counts_instructions;
#else
constexpr bool has_figures = false;
#endif

struct cost {
  uint32_t call;
  uint32_t step;
};

/// As docs/contexts.md has them: a tenth more than what was measured, since compilers differ.
template <class Case>
constexpr cost validate_figures = {};
template <class Case>
constexpr cost usage_figures = {};
template <class Case>
constexpr cost walk_figures = {};

using pool_basic = pool_case<check_level::basic>;
using slab_none = slab_case<check_level::none, slab_metadata::in_slab, 256>;
using slab_basic = slab_case<check_level::basic, slab_metadata::out_of_band, 256>;
using buddy_none = buddy_case<check_level::none>;
using buddy_basic = buddy_case<check_level::basic>;
using heap_basic = heap_case<check_level::basic>;
using heap_slabs_basic = heap_slabs_case<check_level::basic>;
using stack_none = stack_case<check_level::none>;
using arena_none = arena_case<check_level::none>;

template <>
constexpr cost validate_figures<pool_basic> = {45, 20};
template <>
constexpr cost validate_figures<slab_none> = {85, 160};
template <>
constexpr cost validate_figures<slab_basic> = {105, 185};
template <>
constexpr cost validate_figures<slab_cache_case> = {110, 160};
template <>
constexpr cost validate_figures<buddy_none> = {30, 1100};
template <>
constexpr cost validate_figures<buddy_basic> = {30, 1100};
template <>
constexpr cost validate_figures<heap_basic> = {300, 125};
template <>
constexpr cost validate_figures<heap_slabs_basic> = {250, 185};
template <>
constexpr cost validate_figures<stack_none> = {55, 90};
template <>
constexpr cost validate_figures<arena_none> = {60, 70};
template <>
constexpr cost usage_figures<pool_basic> = {40, 25};
template <>
constexpr cost usage_figures<slab_none> = {155, 70};
template <>
constexpr cost usage_figures<slab_basic> = {175, 70};
template <>
constexpr cost usage_figures<slab_cache_case> = {85, 55};
template <>
constexpr cost usage_figures<buddy_none> = {50, 540};
template <>
constexpr cost usage_figures<buddy_basic> = {50, 540};
template <>
constexpr cost usage_figures<heap_basic> = {65, 80};
template <>
constexpr cost usage_figures<heap_slabs_basic> = {170, 120};
template <>
constexpr cost walk_figures<pool_basic> = {35, 16};
template <>
constexpr cost walk_figures<heap_basic> = {25, 95};
template <>
constexpr cost walk_figures<heap_slabs_basic> = {30, 110};

constexpr size_t steps_max = 16;

/// What `call` takes, without what reading the counter takes.
template <class Call>
uint32_t instructions_of(const Call& call) {
  const uint32_t before = platform::ticks();
  const uint32_t between = platform::ticks();
  call();
  const uint32_t after = platform::ticks();
  const uint32_t all = platform::instructions(after - between);
  const uint32_t reading = platform::instructions(between - before);
  return all > reading ? all - reading : 0;
}

template <class Case>
class steps_cost : public steps_test<Case> {
 protected:
  using base = steps_test<Case>;
  using cursor_type = typename Case::cursor;

  void SetUp() override {
    base::SetUp();
    if (!platform::counts_instructions) {
      GTEST_SKIP() << "nothing counts instructions here";
    }
  }

  /// The least a + b * steps that no call exceeds; `call(cursor, steps)` makes one.
  template <class Call>
  static void measure(const char* what, cost figures, const Call& call) {
    uint32_t most[steps_max + 1] = {};
    random stream(7);
    for (int round = 0; round < 12; ++round) {
      base::fill(stream);
      for (size_t steps = 1; steps <= steps_max; steps += steps) {
        cursor_type cursor;
        const auto step = [&] {
          status found = status::ok;
          const uint32_t taken = instructions_of([&] { found = call(cursor, steps); });
          most[steps] = detail::max_of(most[steps], taken);
          return found;
        };
        ASSERT_EQ(finish(cursor, step), status::ok);
      }
    }
    cost found{0, 0};
    for (size_t steps = 1; steps < steps_max; steps += steps) {
      const uint32_t more = detail::max_of(most[2 * steps], most[steps]) - most[steps];
      found.step = detail::max_of(found.step, static_cast<uint32_t>((more + steps - 1) / steps));
    }
    for (size_t steps = 1; steps <= steps_max; steps += steps) {
      const auto in_steps = static_cast<uint32_t>(found.step * steps);
      found.call = detail::max_of(found.call, detail::max_of(most[steps], in_steps) - in_steps);
      // A tick is not quite an instruction.
      EXPECT_LE(most[steps], (most[1] + 1) * steps) << "no step is longer for those before it";
      if (has_figures) {
        EXPECT_LE(most[steps], figures.call + figures.step * steps);
      }
    }
    print_line("  ", Case::name, " ", what, ": ", uint64_t{found.call}, " + ", uint64_t{found.step},
               " * steps");
  }
};

using measured_cases =
    ::testing::Types<pool_basic, slab_none, slab_basic, slab_cache_case, buddy_none, buddy_basic,
                     heap_basic, heap_slabs_basic, stack_none, arena_none>;

template <class Case>
class usage_cost : public steps_cost<Case> {};
template <class Case>
class walk_cost : public steps_cost<Case> {};

using validated =
    ::testing::Types<pool_basic, slab_none, slab_basic, slab_cache_case, buddy_none, buddy_basic,
                     heap_basic, heap_slabs_basic, stack_none, arena_none>;
using used = ::testing::Types<pool_basic, slab_none, slab_basic, slab_cache_case, buddy_none,
                              buddy_basic, heap_basic, heap_slabs_basic>;
using walked = ::testing::Types<pool_basic, heap_basic, heap_slabs_basic>;

TYPED_TEST_SUITE(steps_cost, validated, case_names);
TYPED_TEST_SUITE(usage_cost, used, case_names);
TYPED_TEST_SUITE(walk_cost, walked, case_names);

TYPED_TEST(steps_cost, of_validate_step) {
  const auto& a = TestFixture::subject();
  TestFixture::measure("validate_step", validate_figures<TypeParam>,
                       [&](auto& cursor, size_t steps) { return a.validate_step(cursor, steps); });
}

TYPED_TEST(usage_cost, of_usage_step) {
  const auto& a = TestFixture::subject();
  usage sum;
  TestFixture::measure("usage_step", usage_figures<TypeParam>, [&](auto& cursor, size_t steps) {
    return a.usage_step(cursor, steps, sum);
  });
}

TYPED_TEST(walk_cost, of_walk_step_with_a_visitor_that_counts) {
  const auto& a = TestFixture::subject();
  size_t blocks = 0;
  TestFixture::measure("walk_step", walk_figures<TypeParam>, [&](auto& cursor, size_t steps) {
    return a.walk_step(cursor, steps, [&](const auto&) {
      ++blocks;
      return true;
    });
  });
  EXPECT_GT(blocks, 0U);
}

}  // namespace
}  // namespace acre::test::steps
