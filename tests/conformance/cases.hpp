// SPDX-License-Identifier: MIT
// What the cases of all families share.
#pragma once

#include "model/subject.hpp"
#include "support/counting_lock.hpp"
#include "support/limits.hpp"

#include <acre/detail/bits.hpp>
#include <acre/policies.hpp>

namespace acre::test {

template <check_level Level>
using watched = policies<counting_lock, checks<Level>, usage_counters>;

constexpr size_t at_least_one(size_t size) noexcept {
  return size == 0 ? 1 : size;
}

/// A power of two from 1 to `largest`, small ones more often.
constexpr size_t random_align(uint32_t bits, size_t largest) noexcept {
  const size_t align = size_t{1} << (detail::trailing_zeros(bits | 0x100U) % 9U);
  return align < largest ? align : largest;
}

/// 0 .. largest, small ones more often.
constexpr size_t random_size(uint32_t bits, size_t largest) noexcept {
  const size_t limit = largest >> (bits & 3U);
  return (bits >> 8) % (limit + 1);
}

/// What an allocator takes that has blocks of every size and alignment.
constexpr layout any_shape(uint32_t bits) noexcept {
  return {random_size(bits, region_bytes / 8), random_align(bits >> 16, 256)};
}

template <class BytesOf>
size_t sum_over(const block* live, size_t count, BytesOf&& bytes_of) {
  size_t sum = 0;
  for (size_t i = 0; i < count; ++i) {
    sum += bytes_of(live[i]);
  }
  return sum;
}

template <class A>
void reset_if_it_can(A& allocator) noexcept {
  if constexpr (requires { allocator.reset(); }) {
    allocator.reset();
  }
}

/// What most cases have in common.
struct common_case {
  static constexpr giving order = giving::any_order;
  static constexpr size_t natural_align = 1;
  static constexpr bool failed_init_writes = false;

  template <class A>
  static void* allocate(A& allocator, layout wanted) {
    return allocator.allocate(wanted);
  }
  template <class A>
  static void reset(A& allocator) {
    reset_if_it_can(allocator);
  }
  static size_t interior_align(const block&) {
    return 1;
  }
};

#define ACRE_TEST_LEVEL_NAME(level) \
  ((level) == check_level::none ? "_none" : (level) == check_level::basic ? "_basic" : "_full")

/// Joins two names at compile time.
template <size_t N>
struct joined_name {
  char text[N] = {};
};

template <size_t N, check_level Level>
struct level_name {
  static constexpr auto make(const char (&family)[N]) {
    joined_name<N + 6> name;
    size_t length = 0;
    for (; family[length] != '\0'; ++length) {
      name.text[length] = family[length];
    }
    for (const char* c = ACRE_TEST_LEVEL_NAME(Level); *c != '\0'; ++c) {
      name.text[length++] = *c;
    }
    return name;
  }
};

template <check_level Level, size_t N>
constexpr auto name_of(const char (&family)[N]) {
  return level_name<N, Level>::make(family);
}

}  // namespace acre::test
