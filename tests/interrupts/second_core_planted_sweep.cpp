// SPDX-License-Identifier: MIT
// The test of the sweep by a second core: what excludes interrupts only must be found, and what is made
// for several cores must not.
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"
#include "interrupts/cases.hpp"

#include <acre/lockfree_pool.hpp>

namespace acre::test::sweep {

namespace {

using locked_pool = pool<24, shared<check_level::none>>;
using free_pool = unwatched<lockfree_pool<24, checks_none>, check_level::none>;

template <class A>
struct case_of : pool_laws<A> {
  static constexpr const char* name = "planted";
  static constexpr layout typical{24, 1};

  static size_t required(size_t, size_t) {
    return 0;
  }
};

constexpr layout requests[] = {{24, 1}};

template <class A>
constexpr special specials[] = {asks_largest_free<A>};

constexpr scenario scenarios[] = {
    {"a block from the list", "aaa02", "a", "a"},
    {"a block back", "aaa0", "1", "a"},
};

template <class A>
constexpr family family_of(const char* name) {
  return make_family<case_of<A>>(name, A::required_bytes(6), requests, specials<A>, scenarios);
}

}  // namespace

// sweep.py --planted: a violation in each scenario, and none where nothing is planted.
constexpr family families[] = {
    family_of<free_pool>("nothing planted"),
    family_of<locked_pool>("a lock for interrupts only"),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
