// SPDX-License-Identifier: MIT
// exploration_test: what the tests of single allocators share.
#pragma once

#include "exhaustive/explorer.hpp"

#include <acre/detail/bits.hpp>

#include <gtest/gtest.h>

#if defined(ACRE_TEST_HOST)
#include <stdlib.h>
#endif

namespace acre::test::exhaustive {

/// A depth that no exploration reaches: until it is closed.
inline constexpr unsigned until_closed = depth_max;

/// How much is explored: with ACRE_TEST_DEEP in the environment, where minutes are there to be spent;
/// on hosts; and on boards and under tools that make programs slow.
inline unsigned extent(unsigned deep, unsigned host, unsigned slow) noexcept {
#if defined(ACRE_TEST_SLOW) || !defined(ACRE_TEST_HOST)
  static_cast<void>(deep + host);
  return slow;
#else
  return getenv("ACRE_TEST_DEEP") != nullptr ? deep : host + 0 * slow;
#endif
}

/// What can be seen of a case's type.
template <class Case>
constexpr abilities abilities_of() noexcept {
  using allocator = typename Case::allocator;
  abilities can;
  if constexpr (requires { &Case::predict; }) {
    can.predict = &Case::predict;
  }
  if constexpr (requires { &Case::may_give; }) {
    can.may_give = &Case::may_give;
  }
  if constexpr (requires { Case::monotonic; }) {
    can.monotonic = Case::monotonic;
  }
  if constexpr (requires(allocator & a) { a.reset(); }) {
    can.resets = true;
  }
  if constexpr (requires { &Case::unread; }) {
    can.unread = &Case::unread;
  }
  if constexpr (requires { &Case::tidy; }) {
    can.tidy = &Case::tidy;
  }
  if constexpr (requires(allocator & a, void* p) { a.try_extend_left(p, size_t{1}); }) {
    can.try_extend_left = [](void* object, void* p, size_t size) -> void* {
      return static_cast<allocator*>(object)->try_extend_left(p, size);
    };
  }
  if constexpr (requires { &Case::mark; }) {
    can.mark = &Case::mark;
    can.release_to = &Case::release_to;
    can.above = &Case::above;
  }
  if constexpr (requires(allocator & a, void* p) { a.deallocate(p); }) {
    can.give_unsized = [](void* object, void* p) {
      return static_cast<allocator*>(object)->deallocate(p);
    };
  }
  if constexpr (requires(const allocator& a, const void* p) { a.usable_size(p); }) {
    can.usable_size = [](const void* object, const void* p) -> size_t {
      return static_cast<const allocator*>(object)->usable_size(p);
    };
  }
  if constexpr (requires(allocator & a, void* p) { a.try_resize(p, size_t{1}); }) {
    can.try_resize = [](void* object, void* p, size_t size) {
      return static_cast<allocator*>(object)->try_resize(p, size);
    };
  }
  if constexpr (requires(allocator & a, void* p) { a.reallocate(p, size_t{1}, size_t{1}); }) {
    can.reallocate = [](void* object, void* p, size_t size, size_t align) {
      return static_cast<allocator*>(object)->reallocate(p, size, align);
    };
  }
  return can;
}

/// Explores, and expects that no law is broken, and that the search came as far as it was told to.
inline void expect_lawful(const task& t, uint32_t states_least = 100) {
  const outcome o = explore(t);
  print_summary(t, o);
  EXPECT_TRUE(o.broken == nullptr) << t.ops->name;
  EXPECT_FALSE(o.full) << "more states than there is memory for";
  EXPECT_TRUE(o.closed || o.depth == t.depth);
  EXPECT_GE(o.states, states_least) << "nothing to explore";
  if (t.ops->level != check_level::none && t.ops->order != giving::all_at_once) {
    EXPECT_GT(o.misuses, o.states);
  }
}

template <class Case, size_t N>
constexpr task task_of(const layout (&requests)[N], size_t offset, size_t region_size,
                       unsigned depth) noexcept {
  return {.ops = &operations_of<Case>,
          .can = abilities_of<Case>(),
          .requests = requests,
          .request_count = N,
          .offset = offset,
          .region_size = region_size,
          .depth = depth};
}

/// True iff [at, at + size) and all live blocks are disjoint, where each takes `taken(block)` bytes.
template <class Taken>
bool is_free(const situation& now, uintptr_t at, size_t size, Taken&& taken) {
  for (size_t i = 0; i < now.count; ++i) {
    const auto begin = reinterpret_cast<uintptr_t>(now.live[i].begin);
    if (at < begin + taken(now.live[i]) && begin < at + size) {
      return false;
    }
  }
  return true;
}

}  // namespace acre::test::exhaustive
