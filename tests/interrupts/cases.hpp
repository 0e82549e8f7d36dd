// SPDX-License-Identifier: MIT
// The cases of the laws with the lock that interrupts and other cores want, and specials that several
// allocators have.
#pragma once

#include "conformance/cases.hpp"
#include "interrupts/family.hpp"

#include <acre/platform/spin_lock.hpp>

namespace acre::test::sweep {

/// On a board of one core, irq_spin_lock is irq_lock.
template <check_level Level, lock_policy Lock = platform::irq_spin_lock>
using shared = policies<Lock, checks<Level>, usage_counters>;

/// `Case` for `Allocator`, which differs from the case's own in its policies only.
template <class Case, class Allocator>
struct shared_case : Case {
  using allocator = Allocator;
};

/// What watches no allocator: the subject's observer then says what usage() says.
template <class A, check_level Level>
struct unwatched : A {
  using policies_type = shared<Level>;

  [[nodiscard]] const usage_counters& observer() const noexcept {
    static usage_counters watched;
    const usage used = this->usage();
    watched.on_usage(used.bytes_in_use, used.blocks_in_use);
    return watched;
  }
};

/// A case of an allocator whose bytes in use do not follow from the blocks: only their count is compared.
template <class Allocator>
struct counted_case : common_case {
  using allocator = Allocator;
  static constexpr const char* name = "counted";
  static constexpr layout typical{24, 8};

  static inline const allocator* current = nullptr;

  static void* allocate(allocator& a, layout wanted) {
    current = &a;
    return a.allocate(wanted);
  }
  static layout shape(uint32_t) {
    return typical;
  }
  static bool accepts(const block&, layout) {
    return true;
  }
  static size_t bytes_in_use(region, const block*, size_t) {
    return current->usage().bytes_in_use;
  }
  static size_t required(size_t, size_t) {
    return 0;
  }
};

template <class A>
[[nodiscard]] A& as(void* object) noexcept {
  return *static_cast<A*>(object);
}

template <class A>
inline constexpr special validates = {'V', special_kind::looks, true,
                                      [](void* object, void*, size_t, size_t) -> uintptr_t {
                                        return static_cast<uintptr_t>(as<A>(object).validate());
                                      }};

template <class A>
inline constexpr special asks_usage = {'U', special_kind::looks, true,
                                       [](void* object, void*, size_t, size_t) -> uintptr_t {
                                         const usage used = as<A>(object).usage();
                                         return used.blocks_in_use << 16 | used.bytes_in_use;
                                       }};

template <class A>
inline constexpr special asks_largest_free = {
    'L', special_kind::looks, true,
    [](void* object, void*, size_t, size_t) -> uintptr_t { return as<A>(object).largest_free(); }};

template <class A>
inline constexpr special gives_unsized = {
    'G', special_kind::gives, true, [](void* object, void* block, size_t, size_t) -> uintptr_t {
      return static_cast<uintptr_t>(as<A>(object).deallocate(block));
    }};

template <class A>
inline constexpr special resets = {'Z', special_kind::forgets, true,
                                   [](void* object, void*, size_t, size_t) -> uintptr_t {
                                     as<A>(object).reset();
                                     return 0;
                                   }};

template <class Case, unsigned Requests, unsigned Specials, unsigned Scenarios>
constexpr family make_family(const char* name, size_t region, const layout (&requests)[Requests],
                             const special (&specials)[Specials],
                             const scenario (&scenarios)[Scenarios]) noexcept {
  family made{};
  made.name = name;
  made.ops = &operations_of<Case>;
  made.region = region;
  for (unsigned i = 0; i < Requests; ++i) {
    made.requests[i] = requests[i];
  }
  made.request_count = Requests;
  made.specials = specials;
  made.special_count = Specials;
  made.scenarios = scenarios;
  made.scenario_count = Scenarios;
  made.one_step = true;
  made.one_step_align = SIZE_MAX;
  made.waits = platform::core_count > 1;
  return made;
}

/// For allocators without a lock.
constexpr family never_waits(family of) noexcept {
  of.waits = false;
  return of;
}

}  // namespace acre::test::sweep
