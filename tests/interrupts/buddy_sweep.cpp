// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "conformance/buddy_cases.hpp"
#include "interrupts/cases.hpp"

namespace acre::test::sweep {

namespace {

template <size_t Smallest, check_level Level>
using buddy_under_test = buddy<Smallest, shared<Level>>;

template <size_t Smallest>
constexpr layout requests[] = {
    {Smallest, 1}, {2 * Smallest, 1}, {4 * Smallest - 1, 1}, {1, 8 * Smallest}};

template <class A>
constexpr special specials[] = {validates<A>, asks_usage<A>, asks_largest_free<A>};

// d is half of the blocks, if they are 16 of the smallest; more than a leaf, if they are 64.
constexpr scenario scenarios[] = {
    {"the first block splits", "", "a", "a"},
    {"an exact fit", "aaaa13", "a", "a"},
    {"the handler takes what the split would", "d", "a", "b"},
    {"a large block", "a", "d", "d"},
    {"none left", "dddddddd", "d", "0"},
    {"a small block where only a large one comes back", "ddddddddcccbbbaa", "a", "1"},
    {"the handler takes, and gives its neighbour", "aab", "a", "a0"},
    {"back, the neighbour is live", "aaa", "0", "a"},
    {"back, and merged with the right", "aaa1", "0", "a"},
    {"back, and merged with the left", "aaa0", "1", "a"},
    {"back, merged to the top", "a", "0", "d"},
    {"back, and the handler gives the other half", "aa", "0", "1"},
    {"back, and the handler gives the other half of a large one", "ddd", "0", "1"},
    {"a large block back", "add", "1", "a"},
    {"validate", "abcd1", "V--", "a"},
    {"usage", "abcd1", "U--", "c"},
    {"largest_free", "abcd1", "L--", "d"},
};

template <size_t Smallest, check_level Level>
constexpr family family_of(const char* name, size_t region) {
  using A = buddy_under_test<Smallest, Level>;
  return make_family<shared_case<buddy_case<Smallest, Level>, A>>(name, region, requests<Smallest>,
                                                                  specials<A>, scenarios);
}

}  // namespace

constexpr family families[] = {
    family_of<16, check_level::none>("buddy of 16, none", 640),
    family_of<16, check_level::basic>("buddy of 16, basic", 640),
    family_of<16, check_level::full>("buddy of 16, full", 640),
    family_of<8, check_level::basic>("buddy of 8, basic", 400),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
