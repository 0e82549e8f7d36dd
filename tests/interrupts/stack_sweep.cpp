// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "conformance/stack_cases.hpp"
#include "interrupts/cases.hpp"
#include "interrupts/marks.hpp"

namespace acre::test::sweep {

namespace {

template <check_level Level>
using stack_under_test = stack<shared<Level>>;

// Each block is a multiple of 8 bytes and needs no padding, so that what is in use is the sum.
constexpr layout requests[] = {{24, 8}, {40, 8}, {160, 8}, {168, 8}};

template <check_level Level>
struct case_of : shared_case<stack_low<Level>, stack_under_test<Level>> {
  static void* allocate(stack_under_test<Level>& a, layout wanted) {
    return a.allocate(wanted);
  }
  static size_t bytes_in_use(region, const block* live, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; ++i) {
      sum += live[i].size;
    }
    return sum;
  }
};

template <class A>
constexpr special takes_high = {'H', special_kind::takes, true,
                                [](void* object, void*, size_t size, size_t align) -> uintptr_t {
                                  return reinterpret_cast<uintptr_t>(as<A>(object).allocate(
                                      layout{size, align}, stack_side::high));
                                }};

template <class A>
constexpr special specials[] = {validates<A>,  asks_usage<A>, asks_largest_free<A>, resets<A>,
                                takes_high<A>, takes_mark<A>, releases<A>};

// The handler uses the other side wherever the operation gives back: a side is last in, first out.
constexpr scenario scenarios[] = {
    {"the first block", "", "a", "a"},
    {"a block, and the handler's on the same side", "aa", "a", "b"},
    {"a block, and the handler's on the other side", "aaH-a", "a", "H-b"},
    {"a block of the high side", "aH-a", "H-b", "a"},
    {"the last room", "cH-c", "d", "H-d"},
    {"the last room, high side", "cH-c", "H-d", "d"},
    {"no room, and the handler gives", "cH-cd", "a", "1"},
    {"the newest back", "aab", "2", "H-a"},
    {"the newest back, and the newest of the other side", "aaH-a", "1", "2"},
    {"the newest of the high side back", "aaH-aH-b", "3", "aa"},
    {"the only one back", "a", "0", "H-a"},
    {"reset", "aaH-a", "Z--", "a"},
    {"mark", "aa", "M--", "a"},
    {"release to a mark", "aM--ab", "B--", "a"},
    {"release to a mark, and the other side", "aM--ab", "B--", "H-a"},
    {"validate", "aabH-a", "V--", "a"},
    {"usage", "aabH-a", "U--", "H-b"},
    {"largest_free", "aabH-a", "L--", "H-b"},
};

template <check_level Level>
constexpr family family_of(const char* name) {
  using A = stack_under_test<Level>;
  return make_family<case_of<Level>>(name, 512, requests, specials<A>, scenarios);
}

}  // namespace

constexpr family families[] = {
    family_of<check_level::none>("stack, none"),
    family_of<check_level::basic>("stack, basic"),
    family_of<check_level::full>("stack, full"),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
