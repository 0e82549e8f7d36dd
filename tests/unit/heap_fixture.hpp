// SPDX-License-Identifier: MIT
// What the tests of heap share: the heaps that they are for, and their memory.
#pragma once

#include <gtest/gtest.h>

#include "model/model.hpp"
#include "support/limits.hpp"
#include "support/report.hpp"

#include <acre/heap.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

inline constexpr size_t small_bytes = 16 * 1024;
inline constexpr size_t wide_bytes = 1024 * 1024;

template <size_t MaxBytes, check_level Level>
using plain_heap = heap<MaxBytes, policies<no_lock, checks<Level>, no_observer>>;

inline constexpr size_t unit = plain_heap<small_bytes, check_level::basic>::natural_alignment;

// Shared by all tests of all heaps: small boards have 16 KiB.
inline void* blocks[blocks_max];
inline unsigned char before_call[region_bytes];

/// The same number, which the compiler does not know: it warns of sizes that are too large.
inline size_t unknown(size_t n) {
  __asm__ volatile("" : "+r"(n));
  return n;
}

template <class Heap>
class heap_fixture : public seeded_test {
 protected:
  static constexpr check_level level = Heap::policies_type::level;
  static constexpr bool checked = level != check_level::none;

  static inline Heap subject;

  static region carve(size_t offset = 0, size_t size = region_bytes) {
    return test_memory.carve(offset, size);
  }
  static void begin(size_t offset = 0, size_t size = region_bytes) {
    ASSERT_EQ(subject.init(carve(offset, size)), status::ok);
  }
  static size_t offset_of(const void* p) {
    return reinterpret_cast<uintptr_t>(p) - test_memory.lent().address();
  }
  /// Takes all that is left, so that the next free block is the only one.
  static void take_the_rest() {
    for (size_t n = 0; subject.largest_free() != 0 && n < blocks_max; ++n) {
      ASSERT_NE(subject.allocate(subject.largest_free(), unit), nullptr);
    }
  }
  void TearDown() override {
    EXPECT_TRUE(test_memory.guards_intact());
    seeded_test::TearDown();
  }
};

template <size_t MaxBytes>
using heaps_of = ::testing::Types<plain_heap<MaxBytes, check_level::none>,
                                  plain_heap<MaxBytes, check_level::basic>,
                                  plain_heap<MaxBytes, check_level::full>>;
using all_heaps = ::testing::Types<
    plain_heap<small_bytes, check_level::none>, plain_heap<small_bytes, check_level::basic>,
    plain_heap<small_bytes, check_level::full>, plain_heap<wide_bytes, check_level::none>,
    plain_heap<wide_bytes, check_level::basic>, plain_heap<wide_bytes, check_level::full>>;
using heaps = detail::conditional_t<on_small_board, heaps_of<small_bytes>, all_heaps>;

struct heap_names {
  template <class Heap>
  static const char* GetName(int) {
    constexpr bool wide = Heap::max_bytes == wide_bytes;
    switch (Heap::policies_type::level) {
      case check_level::none:
        return wide ? "wide_none" : "small_none";
      case check_level::basic:
        return wide ? "wide_basic" : "small_basic";
      default:
        return wide ? "wide_full" : "small_full";
    }
  }
};

}  // namespace acre::test
