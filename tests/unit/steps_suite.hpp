// SPDX-License-Identifier: MIT
// steps_suite: what the tests of steps do with each allocator of steps_cases.hpp: take and give back at
// random, and call a step until the cursor has finished.
#pragma once

#include <gtest/gtest.h>

#include "steps_cases.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/report.hpp"

#include <acre/detail/placement.hpp>

namespace acre::test::steps {

inline constexpr size_t bytes = 1536;
inline constexpr uint32_t calls_max = 4 * bytes;

inline guarded_memory<bytes> memory;
alignas(max_align_t) inline unsigned char object[512];
inline held_block held[held_max];
inline size_t held_count = 0;

/// Calls `step` until the cursor has finished; the first status that is not ok.
template <class Cursor, class Step>
status finish(const Cursor& cursor, const Step& step) {
  for (uint32_t calls = 0; !cursor.finished(); ++calls) {
    if (const status found = step(); found != status::ok) {
      return found;
    }
    EXPECT_LT(calls, calls_max) << "has no end";
    if (calls == calls_max) {
      break;
    }
  }
  return status::ok;
}

template <class Case>
class steps_test : public seeded_test {
 protected:
  using allocator = typename Case::allocator;
  using cursor_type = typename Case::cursor;
  static_assert(sizeof(allocator) <= sizeof(object));

  /// One at a time: together they would not fit into a small board.
  static allocator& subject() {
    return *reinterpret_cast<allocator*>(object);
  }

  void SetUp() override {
    seeded_test::SetUp();
    forget();
    new (detail::placement{object}) allocator;
    ASSERT_EQ(subject().init(memory.carve()), status::ok);
  }
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    seeded_test::TearDown();
  }

  static void forget() {
    held_count = 0;
    if constexpr (requires { Case::marked; }) {
      Case::marked = 0;
    }
  }
  static void take(random& stream) {
    const size_t size = Case::size_from(stream);
    if (held_count == held_max) {
      return;
    }
    if (void* p = Case::take(subject(), size); p != nullptr) {
      held[held_count++] = {p, size, false, 0};
    }
  }
  static void give(random& stream) {
    if (held_count == 0) {
      return;
    }
    const size_t i = Case::lifo ? held_count - 1 : stream.below(held_count);
    // A block of a stack's other side may be in between; the newest of all is the newest of its side.
    ASSERT_EQ(Case::give(subject(), held[i]), status::ok);
    held[i] = held[--held_count];
  }
  static void fill(random& stream) {
    for (int i = 0; i < 40; ++i) {
      take(stream);
      if (stream.one_in(3)) {
        give(stream);
      }
    }
  }
  /// Drifts between full and empty, so that everything under a cursor goes and comes.
  static void traffic(random& stream, uint32_t step) {
    const bool grows = (step / 16) % 2 == 0;
    for (uint32_t i = 0; i < stream.below(4); ++i) {
      if (stream.one_in(3) != grows) {
        take(stream);
      } else {
        give(stream);
      }
    }
  }
  static status whole_pass(size_t steps) {
    cursor_type cursor;
    return finish(cursor, [&] { return subject().validate_step(cursor, steps); });
  }
};

using cases =
    ::testing::Types<pool_case<check_level::basic>, pool_case<check_level::full>,
                     slab_case<check_level::none, slab_metadata::in_slab, 256>,
                     slab_case<check_level::basic, slab_metadata::out_of_band, 256>,
                     slab_case<check_level::full, slab_metadata::in_slab, 512>, slab_cache_case,
                     buddy_case<check_level::none>, buddy_case<check_level::basic>,
                     buddy_case<check_level::full>, heap_case<check_level::basic>,
                     heap_case<check_level::full>, heap_slabs_case<check_level::basic>,
                     heap_slabs_case<check_level::full>, stack_case<check_level::none>,
                     stack_case<check_level::full>, arena_case<check_level::none>,
                     arena_case<check_level::full>, certified_case>;

struct case_names {
  template <class Case>
  static const char* GetName(int) {
    return Case::name;
  }
};

}  // namespace acre::test::steps
