// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "interrupts/cases.hpp"

#include <acre/certified.hpp>

namespace acre::test::sweep {

namespace {

constexpr workload budget{.peak_live = 128, .largest = 32, .smallest = 16};

template <check_level Level>
using certified_under_test = unwatched<certified<budget, 16384, shared<Level>>, Level>;

constexpr layout requests[] = {{32, 8}, {16, 8}, {100, 8}};

template <class A>
constexpr special specials[] = {
    validates<A>,
    asks_usage<A>,
    asks_largest_free<A>,
    {'R', special_kind::takes, true,
     [](void* object, void*, size_t size, size_t align) -> uintptr_t {
       return reinterpret_cast<uintptr_t>(as<A>(object).allocate_reserved({size, align}));
     }},
};

// The heap and the reserve have a lock each.
constexpr scenario scenarios[] = {
    {"from the heap", "ab", "a", "a"},
    {"from the heap, and the handler from the reserve", "ab", "a", "R-a", waiting::nowhere},
    {"from the reserve", "aR-b", "R-a", "R-a"},
    {"from the reserve, and the handler from the heap", "aR-b", "R-a", "c", waiting::nowhere},
    {"the last of the budget", "R-aR-aR-a", "R-a", "R-b"},
    {"beyond the budget, and the handler gives", "R-aR-aR-aR-a", "R-a", "1"},
    {"no room in the heap", "cccccccccc", "c", "R-a", waiting::nowhere},
    {"back to the heap", "aaR-a", "0", "R-b", waiting::nowhere},
    {"back to the reserve", "aaR-aR-a", "2", "a", waiting::nowhere},
    {"back to the reserve, and the handler too", "R-bR-b", "0", "1"},
    {"validate", "abR-a0", "V--", "R-a"},
    {"usage", "abR-a0", "U--", "R-a"},
};

template <check_level Level>
constexpr family family_of(const char* name) {
  using A = certified_under_test<Level>;
  family made =
      make_family<counted_case<A>>(name, A::reserved_bytes + 400, requests, specials<A>, scenarios);
  made.several_locks = true;
  return made;
}

}  // namespace

constexpr family families[] = {
    family_of<check_level::none>("certified, none"),
    family_of<check_level::basic>("certified, basic"),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
