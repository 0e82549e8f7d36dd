// SPDX-License-Identifier: MIT
// The scenarios of a pool.
#pragma once

#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"
#include "interrupts/cases.hpp"

namespace acre::test::sweep {

template <size_t Size, check_level Level, lock_policy Lock>
using pool_under_test = pool<Size, shared<Level, Lock>>;

// How a pool<> of this configuration knows what is live.
template <check_level Level>
using map_of_pool = detail::conditional_t<
    Level == check_level::none, no_map,
    detail::conditional_t<config::pool_state_bytes, detail::byte_live_map, detail::bit_live_map>>;

template <size_t Size, check_level Level, lock_policy Lock>
using shared_pool_case =
    shared_case<pool_case<Size, detail::natural_alignment<Size>, Level, map_of_pool<Level>>,
                pool_under_test<Size, Level, Lock>>;

template <size_t Size>
inline constexpr layout pool_requests[] = {{Size, 1}, {1, 1}};

template <class A>
inline constexpr special pool_specials[] = {validates<A>, asks_usage<A>, asks_largest_free<A>,
                                            gives_unsized<A>};

// Of six blocks.
inline constexpr scenario pool_scenarios[] = {
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

template <size_t Size, check_level Level, lock_policy Lock = platform::irq_spin_lock>
constexpr family pool_family(const char* name) {
  using A = pool_under_test<Size, Level, Lock>;
  return make_family<shared_pool_case<Size, Level, Lock>>(
      name, A::required_bytes(6), pool_requests<Size>, pool_specials<A>, pool_scenarios);
}

}  // namespace acre::test::sweep
