// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "conformance/arena_cases.hpp"
#include "interrupts/cases.hpp"
#include "interrupts/marks.hpp"

namespace acre::test::sweep {

namespace {

template <check_level Level>
using arena_under_test = arena<shared<Level>>;

constexpr layout requests[] = {{24, 8}, {40, 16}, {1, 1}};

template <class A>
constexpr special specials[] = {validates<A>, asks_usage<A>, asks_largest_free<A>,
                                resets<A>,    takes_mark<A>, releases<A>};

constexpr scenario scenarios[] = {
    {"the first block", "", "a", "a"},
    {"padding in front", "c", "b", "ac"},
    {"the last room", "aaaaaaaaa", "a", "a"},
    {"no room", "aaaaaaaaaa", "a", "a"},
    {"deallocate does nothing", "aab", "1", "a"},
    {"reset of nothing", "", "Z--", "a"},
    {"reset", "abc", "Z--", "a"},
    {"reset under a larger handler", "abc", "Z--", "bca"},
    {"mark", "ab", "M--", "a"},
    {"release to a mark", "aM--bc", "B--", "a"},
    {"release where nothing is newer", "aM--", "B--", "b"},
    {"validate", "abc", "V--", "a"},
    {"usage", "abc", "U--", "b"},
};

template <check_level Level>
constexpr family family_of(const char* name) {
  using A = arena_under_test<Level>;
  return make_family<shared_case<arena_case<Level>, A>>(name, A::required_bytes(240), requests,
                                                        specials<A>, scenarios);
}

}  // namespace

constexpr family families[] = {
    family_of<check_level::none>("arena, none"),
    family_of<check_level::basic>("arena, basic"),
    family_of<check_level::full>("arena, full"),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
