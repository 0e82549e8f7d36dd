// SPDX-License-Identifier: MIT
// steps_cases: every allocator with a lock that can be validated in steps, behind the same few
// functions: what the tests of steps and the count of their instructions are instantiated for.
#pragma once

#include "support/random.hpp"
#include "support/sources.hpp"

#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/certified.hpp>
#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/pool.hpp>
#include <acre/slab.hpp>
#include <acre/slab_cache.hpp>
#include <acre/stack.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test::steps {

inline constexpr size_t held_max = 24;

/// A block that a test holds.
struct held_block {
  void* p = nullptr;
  size_t size = 0;
  bool stayed = false;  // since the walk in steps began
  uint32_t visits = 0;  // by that walk
};

template <check_level Level>
using at = policies<no_lock, checks<Level>, no_observer>;

/// An allocator of the shell: blocks of any size up to `Largest`, given back in any order.
template <class Allocator, class Cursor, size_t Largest>
struct plain_case {
  using allocator = Allocator;
  using cursor = Cursor;
  static constexpr bool lifo = false;
  static constexpr bool has_usage = true;
  static constexpr uint32_t calls_of_huge_steps = 1;

  static size_t size_from(random& stream) {
    return 1 + stream.below(Largest);
  }
  static void* take(allocator& a, size_t size) {
    return a.allocate(layout{size, 1});
  }
  static status give(allocator& a, const held_block& block) {
    return a.deallocate(block.p, layout{block.size, 1});
  }
};

template <check_level Level>
struct pool_case : plain_case<pool<24, at<Level>>, pool_cursor, 24> {
  static constexpr const char* name = Level == check_level::full ? "pool_full" : "pool_basic";
};

template <check_level Level, slab_metadata Metadata, size_t SlabBytes>
struct slab_case
    : plain_case<slab<size_classes<8, 32, 64>, at<Level>, SlabBytes, Metadata>, slab_cursor, 64> {
  static constexpr const char* name = Level == check_level::none    ? "slab_none"
                                      : Level == check_level::basic ? "slab_basic"
                                                                    : "slab_full";
};

template <check_level Level>
struct buddy_case : plain_case<buddy<8, at<Level>>, buddy_cursor, 300> {
  static constexpr const char* name = Level == check_level::none    ? "buddy_none"
                                      : Level == check_level::basic ? "buddy_basic"
                                                                    : "buddy_full";
};

template <check_level Level>
struct heap_case : plain_case<heap<16384, at<Level>, 0>, heap_cursor, 150> {
  static constexpr const char* name = Level == check_level::full ? "heap_full" : "heap_basic";
};

inline constexpr size_t small_limit = 4 * config::heap_align;

template <check_level Level>
struct heap_slabs_case : plain_case<heap<16384, at<Level>, small_limit>, heap_cursor, 90> {
  static constexpr const char* name =
      Level == check_level::full ? "heap_with_slabs_full" : "heap_with_slabs_basic";
};

template <check_level Level>
struct stack_case : plain_case<stack<at<Level>>, stack_cursor, 60> {
  using typename plain_case<stack<at<Level>>, stack_cursor, 60>::allocator;
  static constexpr const char* name = Level == check_level::none    ? "stack_none"
                                      : Level == check_level::basic ? "stack_basic"
                                                                    : "stack_full";
  static constexpr bool lifo = true;
  static constexpr bool has_usage = false;
  // The sides differ in length: one block in four comes from the high one, and goes first.
  static void* take(allocator& a, size_t size) {
    return a.allocate({size, 1}, size % 4 == 0 ? stack_side::high : stack_side::low);
  }
};

/// An object whose destructor an arena owes.
struct owed {
  static inline uint32_t destroyed = 0;
  uint32_t value = 0;
  ~owed() {
    ++destroyed;
  }
};

/// Where each block of an arena began.
struct arena_marks {
  static inline arena_mark marks[held_max];
  static inline size_t marked = 0;
};

template <check_level Level>
struct arena_case : arena_marks, plain_case<arena<at<Level>>, arena_cursor, 40> {
  using typename plain_case<arena<at<Level>>, arena_cursor, 40>::allocator;
  static constexpr const char* name = Level == check_level::none    ? "arena_none"
                                      : Level == check_level::basic ? "arena_basic"
                                                                    : "arena_full";
  static constexpr bool lifo = true;
  static constexpr bool has_usage = false;
  static void* take(allocator& a, size_t size) {
    marks[marked] = a.mark();
    void* block = size % 4 == 0 ? a.allocate({size, 1}) : a.template construct_finalized<owed>();
    marked += block != nullptr ? 1 : 0;
    return block;
  }
  static status give(allocator& a, const held_block&) {
    return a.release_to(marks[--marked]);
  }
};

struct cached {
  uint32_t value = 0x5A5A5A5AU;
  uint32_t more[5] = {};
};

struct slab_cache_case {
  using allocator = slab_cache<cached, at<check_level::basic>, 256>;
  using cursor = slab_cursor;
  static constexpr const char* name = "slab_cache_basic";
  static constexpr bool lifo = false;
  static constexpr bool has_usage = true;
  static constexpr uint32_t calls_of_huge_steps = 1;

  static size_t size_from(random&) {
    return sizeof(cached);
  }
  static void* take(allocator& a, size_t) {
    return a.acquire();
  }
  static status give(allocator& a, const held_block& block) {
    return a.release(static_cast<cached*>(block.p));
  }
};

struct certified_case
    : plain_case<certified<workload{.peak_live = 128, .largest = 64, .smallest = 16}, 16384,
                           at<check_level::basic>>,
                 certified_cursor, 64> {
  static constexpr const char* name = "certified_basic";
  static constexpr uint32_t calls_of_huge_steps = 2;

  static void* take(allocator& a, size_t size) {
    void* block = size % 2 == 0 ? a.allocate_reserved({size, 1}) : nullptr;
    return block != nullptr ? block : a.allocate({size, 1});
  }
};

/// Without the shell's init(): the source has the memory.
struct growing_case {
  using part = pool<24, at<check_level::basic>>;
  using allocator = growing<part, failing_source<3, 256>>;
  using cursor = growing_cursor<pool_cursor>;
};

}  // namespace acre::test::steps
