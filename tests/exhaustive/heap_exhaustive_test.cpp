// SPDX-License-Identifier: MIT
// Every sequence of allocate, deallocate, try_resize, try_extend_left and reallocate on a tiny heap: of
// one region, and of two with a hole between.
#include <gtest/gtest.h>

#include "conformance/heap_cases.hpp"
#include "exhaustive/exploration_test.hpp"
#include "support/guarded_memory.hpp"

namespace acre::test::exhaustive {
namespace {

template <size_t MaxBytes, check_level Level>
struct tiny_heap : heap_case<MaxBytes, Level> {
  using base = heap_case<MaxBytes, Level>;
  using allocator = typename base::allocator;

  // Between the links and the footer of a free block, and behind what the caller of a live one asked
  // for, is nothing that a heap reads; but full looks at its fill.
  static void tidy(void* object, const situation& now) {
    constexpr size_t word = allocator::header_bytes;
    static_cast<const allocator*>(object)->walk([&](const auto& b) {
      auto* const bytes = static_cast<unsigned char*>(b.address);
      size_t from = 2 * word;
      size_t to = Level == check_level::full ? 0 : b.size - word;
      if (b.live) {
        to = b.size;
        for (size_t i = 0; i < now.count; ++i) {
          from = now.live[i].begin == bytes ? at_least_one(now.live[i].size) : from;
        }
      }
      for (; from < to; ++from) {
        bytes[from] = 0x5A;
      }
      return true;
    });
  }
};

constexpr size_t unit = heap<small_heap>::natural_alignment;

template <class Heap>
task task_with(size_t units) {
  static constexpr layout requests[] = {
      {1, 1}, {unit, 8}, {3 * unit - 4, 4}, {5 * unit, 1}, {1, 4 * unit}};
  task t = task_of<Heap>(requests, 4, units * unit, until_closed);
  t.granule = unit / 2;
  return t;
}

template <size_t MaxBytes, check_level Level>
void one_region() {
  // The smallest block of a wide heap on a 32-bit machine is two units.
  const size_t units =
      extent(8, 7, 5) + (tiny_heap<MaxBytes, Level>::allocator::smallest_block > unit ? 3 : 0);
  expect_lawful(task_with<tiny_heap<MaxBytes, Level>>(units));
}

TEST(heap_exhaustive, every_sequence_on_a_small_heap_is_lawful_at_level_none) {
  one_region<small_heap, check_level::none>();
}
TEST(heap_exhaustive, every_sequence_on_a_small_heap_is_lawful_at_level_basic) {
  one_region<small_heap, check_level::basic>();
}
TEST(heap_exhaustive, every_sequence_on_a_small_heap_is_lawful_at_level_full) {
  one_region<small_heap, check_level::full>();
}
TEST(heap_exhaustive, every_sequence_on_a_wide_heap_is_lawful_at_level_none) {
  one_region<wide_heap, check_level::none>();
}
TEST(heap_exhaustive, every_sequence_on_a_wide_heap_is_lawful_at_level_basic) {
  one_region<wide_heap, check_level::basic>();
}
TEST(heap_exhaustive, every_sequence_on_a_wide_heap_is_lawful_at_level_full) {
  one_region<wide_heap, check_level::full>();
}

// Blocks of the bins that hold several sizes.
template <size_t MaxBytes, check_level Level>
void large_blocks() {
  using shape = engine::heap_shape<MaxBytes, unit>;
  using heap = tiny_heap<MaxBytes, Level>;
  constexpr size_t in_one_bin = shape::largest_in_bin_of(shape::linear) - shape::word_bytes;
  static constexpr layout requests[] = {
      {shape::linear, 1}, {in_one_bin, 1}, {shape::linear / 2, 1}, {2 * shape::linear, 1}};
  const size_t size = detail::min_of(region_max, extent(4, 4, 3) * shape::linear);
  task t = task_of<heap>(requests, 0, size, extent(9, 7, 4));
  t.granule = 8 * unit;
  expect_lawful(t);
}

TEST(heap_exhaustive, sequences_of_large_blocks_are_lawful_at_level_none) {
  large_blocks<small_heap, check_level::none>();
}
TEST(heap_exhaustive, sequences_of_large_blocks_are_lawful_at_level_basic) {
  large_blocks<small_heap, check_level::basic>();
}
TEST(heap_exhaustive, sequences_of_large_blocks_are_lawful_at_level_full) {
  large_blocks<small_heap, check_level::full>();
}

/// Two regions, and between them a hole of 24 bytes that belongs to somebody else.
template <check_level Level>
struct holed_heap : heap<small_heap, watched<Level>> {
  using base = heap<small_heap, watched<Level>>;
  static constexpr size_t hole_bytes = 24;
  static constexpr size_t below_bytes = 2 * unit;

  status init(region memory) noexcept {
    auto* const first = static_cast<unsigned char*>(memory.begin);
    const size_t below = base::required_bytes_for({below_bytes, 1});
    hole_ = first + below;
    fill_pattern(hole_, hole_bytes, hole_tag);
    const status said = base::init({first, below});
    return said != status::ok
               ? said
               : base::add_region({first + below + hole_bytes, memory.size - below - hole_bytes});
  }
  [[nodiscard]] status validate() const noexcept {
    return holds_pattern(hole_, hole_bytes, hole_tag) ? base::validate() : status::corrupted;
  }

 private:
  static constexpr uint32_t hole_tag = 0x401E;
  unsigned char* hole_ = nullptr;
};

template <check_level Level>
struct holed_case : tiny_heap<small_heap, Level> {
  using allocator = holed_heap<Level>;
  static constexpr auto full_name = name_of<Level>("heap_with_a_hole");
  static constexpr const char* name = full_name.text;
};

template <check_level Level>
void two_regions() {
  using heap = holed_case<Level>;
  static constexpr layout requests[] = {{1, 1}, {unit, 8}, {3 * unit - 4, 4}, {1, 2 * unit}};
  const size_t above = sizeof(engine::heap_span) + heap::allocator::required_bytes_for({1, 1}) +
                       extent(2, 1, 1) * unit;
  task t = task_of<heap>(requests, 4,
                         heap::allocator::required_bytes_for({heap::allocator::below_bytes, 1}) +
                             heap::allocator::hole_bytes + above,
                         extent(until_closed, until_closed, 4));
  t.granule = unit / 2;
  expect_lawful(t);
}

TEST(heap_exhaustive, every_sequence_over_two_regions_is_lawful_at_level_none) {
  two_regions<check_level::none>();
}
TEST(heap_exhaustive, every_sequence_over_two_regions_is_lawful_at_level_basic) {
  two_regions<check_level::basic>();
}
TEST(heap_exhaustive, every_sequence_over_two_regions_is_lawful_at_level_full) {
  two_regions<check_level::full>();
}

}  // namespace
}  // namespace acre::test::exhaustive
