// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"
#include "interrupts/cases.hpp"

#include <acre/deferred.hpp>
#include <acre/lockfree_buckets.hpp>
#include <acre/lockfree_pool.hpp>
#include <acre/per_core_pool.hpp>
#include <acre/platform/core_pin.hpp>

namespace acre::test::sweep {

namespace {

constexpr layout requests[] = {{24, 1}};

/// A pool of any kind as a case.
template <class Allocator>
struct pool_laws_case : pool_laws<Allocator> {
  static constexpr const char* name = "pool";
  static constexpr layout typical{24, 1};

  static size_t required(size_t, size_t) {
    return 0;
  }
};

// --- lockfree_pool

template <check_level Level>
using pool_under_test = unwatched<lockfree_pool<24, checks<Level>>, Level>;

// Three at once, two of which come back at once.
template <class A>
uintptr_t take_three(void* object, void*, size_t, size_t) {
  void* blocks[3];
  A& from = as<A>(object);
  const size_t count = from.take(blocks, 3);
  if (count == 0) {
    return 0;
  }
  static_cast<void>(from.give(blocks + 1, count - 1));
  return reinterpret_cast<uintptr_t>(blocks[0]);
}

// A block that is given back by give().
template <class A>
uintptr_t give_one(void* object, void* block, size_t, size_t) {
  return static_cast<uintptr_t>(as<A>(object).give(&block, 1));
}

template <class A>
constexpr special pool_specials[] = {
    gives_unsized<A>,
    asks_largest_free<A>,
    {'T', special_kind::takes, false, take_three<A>},
    {'K', special_kind::gives, true, give_one<A>},
    {'N', special_kind::takes, true,
     [](void* object, void*, size_t, size_t) -> uintptr_t {
       return reinterpret_cast<uintptr_t>(as<A>(object).try_allocate(8));
     }},
};

// Of six blocks.
constexpr scenario pool_scenarios[] = {
    {"the first block", "", "a", "a"},
    {"a block that came back", "aaa02", "a", "a"},
    {"the last block", "aaaaa", "a", "a"},
    {"none left, and the handler gives", "aaaaaa", "a", "2"},
    {"the handler takes it, and gives the one below", "aa0", "a", "a1"},
    {"the handler takes two, and gives the first back", "aaa", "a", "aax"},
    {"take three, and the handler takes two and gives the first back", "", "T-a", "aax"},
    {"a block back", "aaa", "1", "a"},
    {"a block back, and another", "aaa", "1", "0"},
    {"a block back where none is left", "aaaaaa", "3", "a"},
    {"a block back where none is left, and another", "aaaaaa", "3", "01"},
    {"a block back without its size", "aaaa2", "G1-", "a3"},
    {"try_allocate", "aaa02", "N-a", "aa"},
    {"take three, give two", "aa", "T-a", "a"},
    {"take three, give two, and the handler gives", "aa", "T-a", "1"},
    {"take the last two", "aaaa", "T-a", "aa"},
    {"take from none", "aaaaaa", "T-a", "34"},
    {"give", "aaa", "K1-", "a"},
    {"largest_free", "aaaaaa", "L--", "1"},
};

template <check_level Level>
constexpr family pool_family(const char* name) {
  using A = pool_under_test<Level>;
  return never_waits(make_family<pool_laws_case<A>>(name, A::required_bytes(6), requests,
                                                    pool_specials<A>, pool_scenarios));
}

// --- lockfree_buckets

struct buckets_under_test : unwatched<lockfree_buckets<checks_basic, 16, 40>, check_level::basic> {
  static constexpr size_t blocks[] = {3, 3};

  [[nodiscard]] status init(region memory) noexcept {
    return lockfree_buckets::init(memory, blocks);
  }
};

constexpr layout bucket_requests[] = {{16, 1}, {40, 1}};

constexpr special bucket_specials[] = {gives_unsized<buckets_under_test>};

constexpr scenario bucket_scenarios[] = {
    {"from the smallest", "a", "a", "a"},
    {"from the next, where the smallest is empty", "aaa", "a", "b"},
    {"the last of the smallest, and the handler takes it", "aa", "a", "aa"},
    {"none left, and the handler gives", "aaabbb", "a", "1"},
    {"back to the smallest", "aab", "0", "a"},
    {"back to the next", "aab", "2", "b"},
    {"back without its size", "aaaab", "G3-", "b"},
};

// --- per_core_pool

using per_core_under_test =
    unwatched<per_core_pool<24, platform::core_count, platform::core_pin, checks_basic, 2>,
              check_level::basic>;

constexpr special per_core_specials[] = {
    gives_unsized<per_core_under_test>,
    {'F', special_kind::looks, false,
     [](void* object, void*, size_t, size_t) -> uintptr_t {
       as<per_core_under_test>(object).flush();
       return 0;
     }},
};

// Seven blocks, however many cores; each core keeps up to four.
constexpr size_t per_core_bytes = lockfree_pool<24, checks_basic>::required_bytes(7);

constexpr scenario per_core_scenarios[] = {
    {"the first block", "", "a", "a"},
    {"kept by the core", "a", "a", "a"},
    {"the last that is kept", "a", "a", "aa"},
    {"a new batch, and the handler needs one too", "aa", "a", "aa"},
    {"from the spare", "aaaa0123", "a", "a"},
    {"from the spare, and the handler empties it", "aaaa0123", "a", "aaa"},
    {"the last block", "aaaaaa", "a", "a"},
    {"none left, and the handler gives", "aaaaaaa", "a", "2"},
    {"back to the core", "aa", "0", "a"},
    {"back to the core, and another", "aa", "0", "1"},
    {"back, where the batch is full", "aaaaaa01", "2", "3"},
    {"back, where both are full", "aaaaaa0123", "4", "5"},
    {"back, where both are full, and the handler takes", "aaaaaa0123", "4", "aa"},
    {"flush", "aaaa012", "F--", "a"},
    {"flush, and the handler gives", "aaaa012", "F--", "3"},
};

// --- deferred: only the main program allocates, and the handler frees through the inbox

/// The pool and what defers to it. Its readings apply what waits: the books know it as given back.
struct deferred_under_test {
  using pool_type = pool<24, policies<no_lock, checks_basic, usage_counters>>;
  using policies_type = pool_type::policies_type;
  static constexpr size_t block_bytes = pool_type::block_bytes;
  static constexpr size_t block_alignment = pool_type::block_alignment;

  deferred_under_test() noexcept = default;

  [[nodiscard]] status init(region memory) noexcept {
    return owned.init(memory);
  }
  void* allocate(layout wanted) noexcept {
    return given.allocate(wanted);
  }
  status deallocate(void* block, layout) noexcept {
    return given.deallocate(block);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return given.owns(p);
  }
  [[nodiscard]] acre::usage usage() const noexcept {
    given.apply(SIZE_MAX);
    return owned.usage();
  }
  [[nodiscard]] size_t largest_free() const noexcept {
    given.apply(SIZE_MAX);
    return owned.largest_free();
  }
  [[nodiscard]] status validate() const noexcept {
    given.apply(SIZE_MAX);
    return owned.validate();
  }
  [[nodiscard]] const usage_counters& observer() const noexcept {
    return owned.observer();
  }

  mutable pool_type owned;
  mutable deferred<pool_type> given{owned};
};

constexpr special deferred_specials[] = {
    {'Y', special_kind::looks, false,
     [](void* object, void*, size_t, size_t) -> uintptr_t {
       as<deferred_under_test>(object).given.apply(4);
       return 0;
     }},
};

// Of six blocks.
constexpr scenario deferred_scenarios[] = {
    {"allocate, and nothing waits", "aa", "a", "0"},
    {"allocate, and one waits", "aaa0", "a", "1"},
    {"allocate, and more wait than are applied", "aaaaa0123", "a", "4"},
    {"allocate where none is left", "aaaaaa", "a", "2"},
    {"allocate where none is left, and two come", "aaaaaa", "a", "21"},
    {"a block back, and another", "aaa", "1", "0"},
    {"a block back behind others, and another", "aaaa01", "2", "3"},
    {"apply", "aaaa01", "Y--", "2"},
    {"apply of nothing", "aaaa", "Y--", "12"},
};

constexpr family many_steps(family of, bool handler_only_gives) {
  of.one_step = false;
  of.waits = false;
  of.handler_only_gives = handler_only_gives;
  return of;
}

// A core does not get what others keep.
constexpr family keeps_blocks(family of) {
  of.keeps_blocks = platform::core_count > 1;
  return of;
}

}  // namespace

constexpr family families[] = {
    pool_family<check_level::none>("lockfree_pool, none"),
    pool_family<check_level::basic>("lockfree_pool, basic"),
    pool_family<check_level::full>("lockfree_pool, full"),
    many_steps(make_family<counted_case<buckets_under_test>>(
                   "lockfree_buckets, basic",
                   buckets_under_test::required_bytes(buckets_under_test::blocks), bucket_requests,
                   bucket_specials, bucket_scenarios),
               false),
    keeps_blocks(many_steps(make_family<pool_laws_case<per_core_under_test>>(
                                "per_core_pool, basic", per_core_bytes, requests, per_core_specials,
                                per_core_scenarios),
                            false)),
    many_steps(make_family<pool_laws_case<deferred_under_test>>(
                   "deferred pool, basic", deferred_under_test::pool_type::required_bytes(6),
                   requests, deferred_specials, deferred_scenarios),
               true),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
