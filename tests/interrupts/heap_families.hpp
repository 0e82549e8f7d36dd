// SPDX-License-Identifier: MIT
// The scenarios of a heap, with slabs in front or without.
#pragma once

#include <gtest/gtest.h>

#include "conformance/heap_cases.hpp"
#include "interrupts/cases.hpp"

namespace acre::test::sweep {

/// A block's size stands in the block: the case asks the heap, of which it knows the last one used.
template <class Heap, check_level Level>
struct shared_heap_case : shared_case<heap_case<small_heap, Level>, Heap> {
  static inline const Heap* current = nullptr;

  static void* allocate(Heap& a, layout wanted) {
    current = &a;
    return a.allocate(wanted);
  }
  static size_t bytes_in_use(region, const block* live, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; ++i) {
      sum += detail::round_up(current->usable_size(live[i].begin), Heap::natural_alignment);
    }
    return sum;
  }
};

inline constexpr layout heap_requests[] = {{24, 8}, {40, 8}, {100, 8}, {16, 64}};

template <class A>
inline constexpr special heap_specials[] = {
    validates<A>,
    asks_usage<A>,
    asks_largest_free<A>,
    gives_unsized<A>,
    {'Q', special_kind::takes, true,
     [](void* object, void*, size_t size, size_t align) -> uintptr_t {
       return reinterpret_cast<uintptr_t>(as<A>(object).allocate_at_least(size, align).address);
     }},
    {'W', special_kind::takes, true,
     [](void* object, void*, size_t size, size_t align) -> uintptr_t {
       return align > A::natural_alignment  // there is none with an alignment
                  ? 0
                  : reinterpret_cast<uintptr_t>(as<A>(object).allocate_zeroed(1, size));
     }},
    {'S', special_kind::resizes, true,
     [](void* object, void* block, size_t size, size_t) -> uintptr_t {
       return as<A>(object).try_resize(block, size) ? 1 : 0;
     }},
    {'X', special_kind::extends_left, true,
     [](void* object, void* block, size_t size, size_t) -> uintptr_t {
       return reinterpret_cast<uintptr_t>(as<A>(object).try_extend_left(block, size));
     }},
    {'R', special_kind::moves, false,
     [](void* object, void* block, size_t size, size_t align) -> uintptr_t {
       return reinterpret_cast<uintptr_t>(as<A>(object).reallocate(block, size, align));
     }},
};

inline constexpr scenario heap_scenarios[] = {
    {"the first block", "", "a", "a"},
    {"from the remainder", "aba1", "a", "b"},
    {"an exact fit", "abab1", "b", "b"},
    {"an exact fit, and the handler takes it first", "abab1", "b", "ba"},
    {"a split", "acac1", "a", "a"},
    {"a strict alignment", "a", "d", "a"},
    {"a strict alignment from a bin", "acaca13", "d", "d"},
    {"a strict alignment, and the handler gives the left", "acaca13", "d", "0"},
    {"a strict alignment, and the handler gives the right", "acaca13", "d", "2"},
    {"a strict alignment, and the handler takes what is left over", "acaca13", "d", "ba"},
    {"a strict alignment, and the handler takes all room for it", "acaca1", "d", "ccc"},
    {"no room, and the handler gives", "cccccccccccccccc", "c", "3"},
    {"allocate_at_least", "abab1", "Q-a", "b"},
    {"allocate_zeroed", "abab1", "W-b", "a"},
    {"back, both neighbours live", "aaaa", "1", "a"},
    {"back, merged with the left", "aaaa1", "2", "a"},
    {"back, merged with the right", "aaaa2", "1", "a"},
    {"back, merged with both", "aaaaa13", "2", "a"},
    {"back, merged with the remainder", "aaa", "2", "c"},
    {"back, and the handler gives the left", "aaaa", "2", "1"},
    {"back, and the handler gives the right", "aaaa", "1", "2"},
    {"the only block back", "a", "0", "a"},
    {"back without its size", "abcab3", "G1-", "c4"},
    {"try_resize grows", "aba1", "S0b", "a"},
    {"try_resize grows, and the handler takes the room", "aba1", "S0b", "b"},
    {"try_resize grows, and the handler makes the room", "aba", "S0b", "1"},
    {"try_resize shrinks", "aca", "S1a", "b"},
    {"try_resize without room", "aaa", "S1c", "a"},
    {"try_extend_left", "aba0", "X1c", "a"},
    {"try_extend_left into its left", "caa0", "X1c", "b"},
    {"reallocate where it is", "aba1", "R0b", "a"},
    {"reallocate elsewhere", "aaa", "R1b", "a"},
    {"reallocate elsewhere, and the handler gives", "abaa", "R2c", "1b"},
    {"reallocate to the left", "caa0", "R1c", "b"},
    {"reallocate, shrinking", "aca", "R1a", "b"},
    {"validate", "abcab13", "V--", "a"},
    {"usage", "abcab13", "U--", "c"},
    {"largest_free", "abcab13", "L--", "b"},
};

template <class A, check_level Level>
constexpr family heap_family(const char* name, size_t region) {
  family made = make_family<shared_heap_case<A, Level>>(name, region, heap_requests,
                                                        heap_specials<A>, heap_scenarios);
  made.one_step_align = A::natural_alignment;
  return made;
}

}  // namespace acre::test::sweep
