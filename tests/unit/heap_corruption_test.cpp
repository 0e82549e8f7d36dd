// SPDX-License-Identifier: MIT
// A heap's validate(), whole and in steps, against every bit of its region flipped in turn: headers,
// links, footers, map and slabs, and what lies in free memory.
#include <gtest/gtest.h>

#include "support/audit.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

#include <acre/heap.hpp>

namespace acre::test {
namespace {

constexpr size_t bytes = 1024;
constexpr size_t held_max = 20;

guarded_memory<bytes> memory;
void* held[held_max];

template <class Heap>
class heap_corruption : public seeded_test {
 protected:
  static inline Heap subject;

  /// Some live blocks, some free ones, in no order.
  static void fill(random& stream) {
    for (void*& block : held) {
      block = nullptr;
    }
    for (int i = 0; i < 60; ++i) {
      void*& block = held[stream.below(held_max)];
      if (block == nullptr) {
        block = subject.allocate(1 + stream.below(stream.one_in(3) ? 120 : 40), 1);
      } else {
        ASSERT_EQ(subject.deallocate(block), status::ok);
        block = nullptr;
      }
    }
  }

  /// Does the byte belong to a link of a free block?
  static bool is_in_links(const unsigned char* byte) {
    bool found = false;
    subject.walk([&](const heap_block& block) {
      const auto* p = static_cast<const unsigned char*>(block.address);
      found = found || (!block.live && byte >= p && byte < p + 2 * Heap::header_bytes);
      return true;
    });
    return found;
  }
};

template <check_level Level, size_t SmallLimit>
using heap_at = heap<4096, policies<no_lock, checks<Level>, no_observer>, SmallLimit>;
constexpr size_t small = 2 * config::heap_align;
using heaps =
    ::testing::Types<heap_at<check_level::basic, 0>, heap_at<check_level::full, 0>,
                     heap_at<check_level::basic, small>, heap_at<check_level::full, small>>;

struct heap_names {
  template <class Heap>
  static const char* GetName(int which) {
    constexpr const char* names[] = {"basic", "full", "slabs_basic", "slabs_full"};
    return names[which];
  }
};

TYPED_TEST_SUITE(heap_corruption, heaps, heap_names);

// All but one thing: below full, a free block that grew together with another leaves its links behind. A link
// that leads there by chance finds itself named.
TYPED_TEST(heap_corruption, is_seen_in_steps_in_every_bit_in_which_validate_sees_it) {
  constexpr bool filled = TypeParam::policies_type::level == check_level::full;
  auto& a = TestFixture::subject;
  random stream;
  size_t seen = 0;
  size_t named = 0;
  for (uint32_t round = 0; round < (on_host ? 12U : 1U); ++round) {
    current_step = round;
    ASSERT_EQ(a.init(memory.carve()), status::ok);
    TestFixture::fill(stream);
    ASSERT_EQ(verdict(a), status::ok);
    auto* const begin = static_cast<unsigned char*>(memory.lent().begin);
    for (size_t bit = 0; bit < bytes * 8; ++bit) {
      const auto mask = static_cast<unsigned char>(1U << (bit % 8));
      begin[bit / 8] ^= mask;
      const status whole = a.validate();
      const status found = in_steps(a);
      begin[bit / 8] ^= mask;
      seen += whole == status::corrupted ? 1 : 0;
      if (!filled && found == status::ok && whole != found &&
          TestFixture::is_in_links(begin + bit / 8)) {
        ++named;
        continue;
      }
      ASSERT_EQ(found, whole) << "byte " << bit / 8 << " bit " << bit % 8;
    }
    ASSERT_EQ(verdict(a), status::ok) << "all is as it was";
  }
  EXPECT_GT(seen, bytes / 4);
  EXPECT_LT(named, seen / 256);
}

// The cursor is where it stands when the damage is done; what is behind it is not its business.
TYPED_TEST(heap_corruption, that_is_planted_in_front_of_a_cursor_is_found_by_it) {
  auto& a = TestFixture::subject;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  void* blocks[12];
  size_t count = 0;
  while (count < 12 && (blocks[count] = a.allocate(3 * small, 1)) != nullptr) {
    ++count;
  }
  ASSERT_GT(count, 4U);
  for (size_t at = 1; at < count; ++at) {
    heap_cursor cursor;
    while (cursor.at == 0 && !cursor.finished()) {
      ASSERT_EQ(a.validate_step(cursor, 1), status::ok);
    }
    ASSERT_EQ(a.deallocate(blocks[0]), status::ok);  // what the cursor has looked at last is gone
    auto* const header = static_cast<unsigned char*>(blocks[at]) - TypeParam::header_bytes;
    header[0] ^= 0x10;
    status found = status::ok;
    while (found == status::ok && !cursor.finished()) {
      found = a.validate_step(cursor, 1);
    }
    EXPECT_EQ(found, status::corrupted);
    EXPECT_FALSE(cursor.finished()) << "it stays where it is";
    header[0] ^= 0x10;
    EXPECT_EQ(a.validate_step(cursor, SIZE_MAX), status::ok) << "and goes on when it is mended";
    EXPECT_TRUE(cursor.finished());
    blocks[0] = a.allocate(3 * small, 1);
    ASSERT_NE(blocks[0], nullptr);
  }
}

}  // namespace
}  // namespace acre::test
