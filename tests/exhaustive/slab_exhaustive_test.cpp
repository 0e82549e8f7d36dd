// SPDX-License-Identifier: MIT
// Every sequence of calls on two or three tiny slabs, which change their class and their lists; and on
// a bitmap of several words, around the end of a word.
#include <gtest/gtest.h>

#include "conformance/slab_cases.hpp"
#include "exhaustive/exploration_test.hpp"

namespace acre::test::exhaustive {
namespace {

template <class Classes, size_t SlabBytes, slab_metadata Metadata, check_level Level>
struct tiny_slab : common_case {
  using classes = Classes;
  using allocator = slab<Classes, watched<Level>, SlabBytes, Metadata>;
  using tables = detail::slab_tables<Classes, SlabBytes, Metadata == slab_metadata::out_of_band>;
  static constexpr auto names_0 = name_of<Level>("slab_tiny_in_slab");
  static constexpr auto names_1 = name_of<Level>("slab_tiny_out_of_band");
  static constexpr const char* name =
      Metadata == slab_metadata::in_slab ? names_0.text : names_1.text;
  static constexpr layout typical{Classes::sizes[0], 1};
  static constexpr bool monotonic = false;  // of each class

  static size_t charge(layout l) {
    return allocator::block_bytes(l);
  }
  static layout shape(uint32_t) {
    return typical;
  }
  static bool accepts(const block& live, layout given) {
    const size_t size = charge(live.request());
    return (given.size <= classes::largest && charge({given.size, 1}) == size) ||
           charge(given) == size;
  }
  static size_t bytes_in_use(region, const block* live, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; ++i) {
      sum += charge(live[i].request());
    }
    return sum;
  }
  static size_t required(size_t count, size_t region_align) {
    return allocator::required_bytes(count, typical, region_align);
  }
  static size_t interior_align(const block&) {
    return 1;
  }

  // There is room iff a slab of the class has a free object, or a slab has nothing in use.
  static prediction predict(const situation& now, layout wanted) {
    const unsigned index = tables::class_for(wanted);
    constexpr size_t align = detail::max_of(tables::align, alignof(engine::slab_header));
    const uintptr_t base = detail::round_up(now.memory.address(), align);
    const size_t bytes = now.memory.size - (base - now.memory.address());
    constexpr size_t each =
        SlabBytes + (Metadata == slab_metadata::out_of_band ? tables::header_bytes : 0);
    for (size_t s = 0; s < bytes / each; ++s) {
      size_t used = 0;
      size_t size = 0;
      const auto count = [&](const block* of, size_t blocks) {
        for (size_t i = 0; i < blocks; ++i) {
          if (reinterpret_cast<uintptr_t>(of[i].begin) - (base + s * SlabBytes) < SlabBytes) {
            ++used;
            size = charge(of[i].request());
          }
        }
      };
      count(now.live, now.count);
      count(now.pinned, now.pinned_count);
      if (used == 0 || (size == charge(wanted) && used < tables::classes.of[index].objects)) {
        return {true, nullptr};
      }
    }
    return {false, nullptr};
  }
};

constexpr size_t word = sizeof(void*);
using two_classes = size_classes<2 * word, 4 * word>;

// Full keeps in an empty slab whose objects it is filled with: more states than fit into memory.
unsigned depth_at(check_level level) {
  return extent(level == check_level::full ? 13 : until_closed, until_closed, 7);
}

template <slab_metadata Metadata, check_level Level>
void explore_slabs() {
  using slabs = tiny_slab<two_classes, 16 * word, Metadata, Level>;
  static constexpr layout requests[] = {{2 * word, word}, {4 * word, word}, {1, 1}};
  const size_t count = extent(3, 2, 2);
  expect_lawful(task_of<slabs>(requests, 8, slabs::allocator::required_bytes_for_slabs(count, word),
                               depth_at(Level)));
}

TEST(slab_exhaustive, every_sequence_is_lawful_at_level_none) {
  explore_slabs<slab_metadata::in_slab, check_level::none>();
}
TEST(slab_exhaustive, every_sequence_is_lawful_at_level_basic) {
  explore_slabs<slab_metadata::in_slab, check_level::basic>();
}
TEST(slab_exhaustive, every_sequence_is_lawful_at_level_full) {
  explore_slabs<slab_metadata::in_slab, check_level::full>();
}

// Out of band there is no header in the slab: a smaller slab has as many objects.
template <check_level Level>
void explore_out_of_band() {
  using slabs = tiny_slab<two_classes, 8 * word, slab_metadata::out_of_band, Level>;
  static constexpr layout requests[] = {{2 * word, word}, {4 * word, 4 * word}, {1, 1}};
  const size_t count = extent(3, 2, 2);
  expect_lawful(task_of<slabs>(requests, 8, slabs::allocator::required_bytes_for_slabs(count, word),
                               depth_at(Level)));
}

TEST(slab_exhaustive, every_sequence_is_lawful_out_of_band_at_level_none) {
  explore_out_of_band<check_level::none>();
}
TEST(slab_exhaustive, every_sequence_is_lawful_out_of_band_at_level_basic) {
  explore_out_of_band<check_level::basic>();
}
TEST(slab_exhaustive, every_sequence_is_lawful_out_of_band_at_level_full) {
  explore_out_of_band<check_level::full>();
}

template <slab_metadata Metadata>
void around_the_end_of_a_word() {
  constexpr size_t bits = engine::slab_word_bits;
  constexpr size_t bytes = bits == 64 ? 1024 : 256;
  using slabs = tiny_slab<size_classes<word>, bytes, Metadata, check_level::basic>;
  static_assert(slabs::tables::words > 1);
  static constexpr layout requests[] = {{word, 1}, {0, 1}};
  static constexpr layout filling{word, 1};
  task t = task_of<slabs>(requests, 0, slabs::allocator::required_bytes_for_slabs(1, word),
                          until_closed);
  t.pinned = &filling;
  t.keep = [](size_t i) { return i + 3 < bits || i > bits + 2; };
  expect_lawful(t, 50);
}

TEST(slab_exhaustive, every_sequence_around_the_end_of_a_word_of_the_bitmap_is_lawful) {
  around_the_end_of_a_word<slab_metadata::in_slab>();
}
TEST(slab_exhaustive, every_sequence_around_the_end_of_a_word_is_lawful_out_of_band) {
  around_the_end_of_a_word<slab_metadata::out_of_band>();
}

}  // namespace
}  // namespace acre::test::exhaustive
