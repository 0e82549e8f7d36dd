// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"
#include "interrupts/cases.hpp"

namespace acre::test::sweep {

namespace {

template <size_t Size, check_level Level>
using pool_under_test = pool<Size, shared<Level>>;

template <size_t Size, check_level Level>
using case_of =
    shared_case<pool_case<Size, detail::natural_alignment<Size>, Level,
                          detail::conditional_t<
                              Level == check_level::none, no_map,
                              typename detail::pool_traits<Size, detail::natural_alignment<Size>,
                                                           check_level::basic>::live_map>>,
                pool_under_test<Size, Level>>;

template <size_t Size>
constexpr layout requests[] = {{Size, 1}, {1, 1}};

template <class A>
constexpr special specials[] = {validates<A>, asks_usage<A>, asks_largest_free<A>,
                                gives_unsized<A>};

// Of six blocks.
constexpr scenario scenarios[] = {
    {"the first block", "", "a", "a"},
    {"a block that was never handed out", "aa", "a", "a"},
    {"a block from the list", "aaa02", "a", "a"},
    {"the last block of the list", "aaa1", "a", "a"},
    {"the last block of all", "aaaaa", "a", "a"},
    {"none left, one comes back", "aaaaaa", "a", "2"},
    {"the handler takes, and gives another", "aaa0", "a", "a1"},
    {"the handler takes two", "aaa0", "a", "aa"},
    {"a block back", "aaa", "1", "a"},
    {"a block back onto the list", "aaaa0", "1", "a"},
    {"a block back, and another", "aaa", "1", "0"},
    {"a block back where none is left", "aaaaaa", "3", "a"},
    {"a block back without its size", "aaaa2", "G1-", "a3"},
    {"validate", "aaaa13", "V--", "a"},
    {"usage", "aaaa13", "U--", "a2"},
    {"largest_free", "aaaaaa", "L--", "1"},
};

template <size_t Size, check_level Level>
constexpr family family_of(const char* name) {
  using A = pool_under_test<Size, Level>;
  return make_family<case_of<Size, Level>>(name, A::required_bytes(6), requests<Size>, specials<A>,
                                           scenarios);
}

}  // namespace

constexpr family families[] = {
    family_of<24, check_level::none>("pool of 24, none"),
    family_of<24, check_level::basic>("pool of 24, basic"),
    family_of<24, check_level::full>("pool of 24, full"),
    family_of<40, check_level::basic>("pool of 40, basic"),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
