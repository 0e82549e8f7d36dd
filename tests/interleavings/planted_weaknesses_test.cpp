// SPDX-License-Identifier: MIT
// The test of the tests: what would be wrong in a lock-free engine is found, and how it comes about is
// printed, with as few interruptions as it takes.
#include <gtest/gtest.h>

#include "interleavings/inbox_world.hpp"
#include "interleavings/pool_world.hpp"
#include "interleavings/scenario_test.hpp"
#include "interleavings/weakened.hpp"

namespace acre::test::interleavings {
namespace {

constexpr check_level none = check_level::none;
constexpr check_level basic = check_level::basic;

void expect_found(const scenario& s, const char* law, const weakness* planted = nullptr) {
  limits l;
  l.planted = planted;
  const outcome o = explore_for_people(s, l);
  print_summary(s, o);
  EXPECT_EQ(o.broken, law) << s.name;
  EXPECT_NE(o.how, "");
}

/// With the weakness the law is broken, and without it nothing is.
void expect_found(const scenario& s, const char* law, const weakness& planted) {
  expect_found(s, law, &planted);
  expect_lawful(s);
}

template <class Atomics = atomics>
using pool = pool_world<none, Atomics>;

// --- lockfree_pool: orders

TEST(planted_weaknesses, a_push_that_does_not_release_is_found) {
  using w = pool<>;
  expect_found(w({1, 1, {{{w::pop}}, {{w::push}, 1}}}).as_scenario(), "there is no data race",
               {access::compare_exchange, "head", order::release, order::relaxed});
}
TEST(planted_weaknesses, a_pop_that_does_not_acquire_is_found) {
  using w = pool<>;
  expect_found(w({3, 0, {{{w::pop}}, {{w::pop, w::pop, w::push}}}}).as_scenario(),
               "a block has one owner", {access::load, "head", order::acquire, order::relaxed});
}
TEST(planted_weaknesses, a_pop_that_does_not_acquire_when_it_is_tried_again_is_found) {
  using w = pool<>;
  expect_found(w({3, 0, {{{w::pop}}, {{w::pop, w::pop, w::push}}}}).as_scenario(),
               "there is no data race",
               {access::compare_exchange, "head", order::acquire, order::relaxed});
}

// --- lockfree_pool: the tag

TEST(planted_weaknesses, a_head_without_a_tag_is_found) {
  using w = pool<short_tag_atomics<0>>;
  expect_found(w({3, 0, {{{w::pop}}, {{w::pop, w::pop, w::push}}}}).as_scenario(),
               "a block has one owner");
}
TEST(planted_weaknesses, a_tag_is_good_for_fewer_pops_than_it_has_values) {
  using one_bit = pool<short_tag_atomics<1>>;
  expect_found(one_bit({3, 0, {{{one_bit::pop}}, {{one_bit::pop, one_bit::pop, one_bit::push}}}})
                   .as_scenario(),
               "a block has one owner");
  using two_bits = pool<short_tag_atomics<2>>;
  expect_lawful(
      two_bits({3, 0, {{{two_bits::pop}}, {{two_bits::pop, two_bits::pop, two_bits::push}}}})
          .as_scenario());
}

// --- lockfree_pool: atomicity

TEST(planted_weaknesses, a_load_and_a_store_in_the_place_of_a_compare_exchange_are_found) {
  using w = pool<torn_atomics>;
  expect_found(w({2, 0, {{{w::pop}}, {{w::pop}}}}).as_scenario(), "a block has one owner");
  expect_found(w({3, 0, {{{w::push}, 1}, {{w::push}, 1}}}).as_scenario(), "no block is lost");
}
TEST(planted_weaknesses, a_torn_claim_is_found) {
  using w = pool_world<basic, torn_atomics>;
  expect_found(w({2, 0, {{{w::free_the_same}}, {{w::free_the_same}}}}).as_scenario(),
               "of several frees of a block one is not refused");
}

// --- remote_inbox

template <class Atomics = atomics>
using inbox = inbox_world<Atomics>;

TEST(planted_weaknesses, a_push_into_an_inbox_that_does_not_release_is_found) {
  using w = inbox<>;
  expect_found(w({{w::pop}, {w::push}}).as_scenario(), "there is no data race",
               {access::exchange, "head", order::release, order::relaxed});
}
TEST(planted_weaknesses, an_owner_who_does_not_acquire_is_found) {
  using w = inbox<>;
  expect_found(w({{w::pop}, {w::push}}).as_scenario(), "there is no data race",
               {access::exchange, "head", order::acquire, order::relaxed});
}
TEST(planted_weaknesses, a_link_that_is_not_released_is_found) {
  using w = inbox<>;
  expect_found(w({{w::pop}, {w::push}}).as_scenario(), "there is no data race",
               {access::store, "link", order::release, order::relaxed});
}
TEST(planted_weaknesses, a_link_that_is_not_acquired_is_found) {
  using w = inbox<>;
  expect_found(w({{w::pop}, {w::push}}).as_scenario(), "there is no data race",
               {access::load, "link", order::acquire, order::relaxed});
}
TEST(planted_weaknesses, a_load_and_a_store_in_the_place_of_an_exchange_are_found) {
  using w = inbox<torn_atomics>;
  expect_found(w({{w::pop}, {w::push}, {w::push}}).as_scenario(), "no block is lost");
}

}  // namespace
}  // namespace acre::test::interleavings
