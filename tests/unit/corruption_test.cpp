// SPDX-License-Identifier: MIT
// validate(), whole and in steps, against damage that is planted on purpose: links, flags, headers,
// bitmaps, tree words, and writes after free. It must find the damage, whatever it is, and must neither
// crash nor hang. For heaps see heap_corruption_test.cpp.
#include <gtest/gtest.h>

#include "support/audit.hpp"
#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/report.hpp"

#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/pool.hpp>
#include <acre/slab.hpp>
#include <acre/stack.hpp>

namespace acre::test {
namespace {

guarded_memory<2048> memory;
alignas(16) unsigned char elsewhere[64];

template <check_level Level>
using at = policies<no_lock, checks<Level>, no_observer>;

class corruption : public seeded_test {};

/// Overwrites a word for as long as it lives. By bytes: the word may be part of anything.
class planted {
 public:
  planted(void* where, uintptr_t value) noexcept : where_(static_cast<unsigned char*>(where)) {
    for (size_t i = 0; i < sizeof value; ++i) {
      saved_[i] = where_[i];
      where_[i] = reinterpret_cast<const unsigned char*>(&value)[i];
    }
  }
  ~planted() noexcept {
    for (size_t i = 0; i < sizeof saved_; ++i) {
      where_[i] = saved_[i];
    }
  }
  planted(const planted&) = delete;
  planted& operator=(const planted&) = delete;

 private:
  unsigned char* where_;
  unsigned char saved_[sizeof(uintptr_t)];
};

uintptr_t address(const void* p) {
  return reinterpret_cast<uintptr_t>(p);
}

/// Flips each bit of [begin, end) in turn; returns how many flips validate() did not see.
template <class A>
size_t unseen_flips(A& a, void* begin, size_t size) {
  auto* const bytes = static_cast<unsigned char*>(begin);
  size_t unseen = 0;
  for (size_t bit = 0; bit < size * 8; ++bit) {
    const auto mask = static_cast<unsigned char>(1U << (bit % 8));
    bytes[bit / 8] ^= mask;
    unseen += verdict(a) == status::ok ? 1U : 0U;
    bytes[bit / 8] ^= mask;
  }
  EXPECT_EQ(verdict(a), status::ok) << "all is as it was";
  return unseen;
}

// --- pool

template <class Pool>
void damage_the_links_of(Pool& a) {
  ASSERT_EQ(a.init(memory.carve(0, 1024)), status::ok);
  unsigned char* blocks[8];
  for (auto& block : blocks) {
    block = static_cast<unsigned char*>(a.allocate());
  }
  constexpr size_t holes[] = {5, 1, 3};
  for (const size_t i : holes) {
    ASSERT_EQ(a.deallocate(blocks[i]), status::ok);
  }
  ASSERT_EQ(verdict(a), status::ok);
  const void* const circles[] = {blocks[1], blocks[3]};
  for (const void* next : circles) {
    const planted damage(blocks[1], address(next));
    EXPECT_EQ(a.validate(), status::corrupted) << next;
    // Each link is that of a free block: only who follows the list sees that it has no end.
    if constexpr (Pool::policies_type::level != check_level::none) {
      EXPECT_EQ(in_steps(a), status::ok);
    }
  }
  const void* const wrong[] = {blocks[1] + 1,
                               blocks[1] + sizeof(void*),
                               blocks[0] - 24 * 4,
                               elsewhere,
                               memory.lent().begin,
                               reinterpret_cast<const void*>(UINTPTR_MAX),
                               reinterpret_cast<const void*>(uintptr_t{8})};
  for (const void* next : wrong) {
    const planted damage(blocks[1], address(next));
    EXPECT_EQ(verdict(a), status::corrupted) << next;
  }
  EXPECT_EQ(verdict(a), status::ok);
  if constexpr (Pool::policies_type::level != check_level::none) {
    const void* const live[] = {blocks[0], blocks[2]};
    for (const void* next : live) {
      const planted damage(blocks[3], address(next));
      EXPECT_EQ(verdict(a), status::corrupted) << next;
    }
    const planted lost(blocks[3], 0);
    EXPECT_EQ(a.validate(), status::corrupted);
    EXPECT_EQ(in_steps(a), status::ok) << "what is behind the end is seen by nobody else";
  }
}

TEST_F(corruption, of_a_pools_free_list_is_seen_at_every_level) {
  static pool<24, at<check_level::none>> none;
  static pool<24, at<check_level::basic>> basic;
  static pool<24, at<check_level::full>> full;
  damage_the_links_of(none);
  damage_the_links_of(basic);
  damage_the_links_of(full);
}

TEST_F(corruption, of_a_pools_live_map_is_seen_bit_by_bit) {
  using pool_type = pool<24, at<check_level::basic>>;
  static pool_type a;
  constexpr size_t count = 31;
  constexpr size_t bytes = pool_type::required_bytes(count);
  ASSERT_EQ(a.init(memory.carve(0, bytes)), status::ok);
  void* blocks[count];
  for (auto& block : blocks) {
    block = a.allocate();
    ASSERT_NE(block, nullptr);
  }
  for (size_t i = 0; i < count; i += 3) {
    EXPECT_EQ(a.deallocate(blocks[i]), status::ok);
  }
  // 31 blocks and flag 0: exactly one word where a flag is a bit.
  const size_t map_bytes = config::pool_state_bytes ? 32 : 4;
  const size_t unseen =
      unseen_flips(a, static_cast<unsigned char*>(memory.lent().begin) + count * 24, map_bytes);
  // A flag of a byte is free in each of 255 values.
  EXPECT_LE(unseen, config::pool_state_bytes ? size_t{12} * 7 : 0U);
}

// --- write after free

template <class A>
void write_after_free(A& a, size_t size) {
  ASSERT_EQ(a.init(memory.carve(0, 1536)), status::ok);
  void* kept = a.allocate(layout{size, 1});
  auto* p = static_cast<unsigned char*>(a.allocate(layout{size, 1}));
  ASSERT_NE(p, nullptr);
  EXPECT_EQ(a.deallocate(p, layout{size, 1}), status::ok);
  ASSERT_EQ(verdict(a), status::ok);
  for (size_t i = 0; i < size; ++i) {
    p[i] ^= 0x40;
    EXPECT_EQ(verdict(a), status::corrupted) << "byte " << i;
    p[i] ^= 0x40;
  }
  EXPECT_EQ(verdict(a), status::ok);
  EXPECT_EQ(a.deallocate(kept, layout{size, 1}), status::ok);
}

TEST_F(corruption, of_free_memory_is_seen_at_full_in_every_byte) {
  static pool<24, at<check_level::full>> p;
  static slab<size_classes<24, 64>, at<check_level::full>, 512> s;
  write_after_free(p, 24);
  write_after_free(s, 24);
  write_after_free(s, 64);
}

// --- buddy

TEST_F(corruption, of_a_buddys_metadata_is_seen_bit_by_bit) {
  static buddy<16, at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve(0, 2048)), status::ok);
  // Nothing in use; then blocks of all small sizes, some given back.
  for (int round = 0; round < 2; ++round) {
    const usage used = a.usage();
    auto* const metadata =
        static_cast<unsigned char*>(memory.lent().begin) + 2048 - used.bytes_overhead;
    // Word 0 of the tree is unused; behind it and the tree are the leaves, two words each.
    const size_t leaves = (2048 / 16 + 31) / 32 + 4;
    size_t unseen_in_leaves = 0;
    for (size_t bit = 32; bit < used.bytes_overhead * 8; ++bit) {
      const auto mask = static_cast<unsigned char>(1U << (bit % 8));
      metadata[bit / 8] ^= mask;
      if (verdict(a) == status::ok) {
        // Two blocks that look like one of twice the size, or the like: another sound state.
        EXPECT_FALSE(a.usage() == used) << "bit " << bit;
        EXPECT_GE(bit / 8, used.bytes_overhead - leaves * 8) << "in the tree";
        ++unseen_in_leaves;
      }
      metadata[bit / 8] ^= mask;
    }
    EXPECT_EQ(verdict(a), status::ok);
    EXPECT_LE(unseen_in_leaves, round == 0 ? 0U : 12U);
    void* blocks[12];
    for (size_t i = 0; i < 12; ++i) {
      blocks[i] = a.allocate(size_t{16} << (i % 4));
      ASSERT_NE(blocks[i], nullptr);
    }
    for (size_t i = 0; i < 12; i += 5) {
      ASSERT_EQ(a.deallocate(blocks[i], size_t{16} << (i % 4)), status::ok);
    }
  }
}

TEST_F(corruption, of_a_buddys_tree_is_seen_beside_large_blocks) {
  static buddy<8, at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve(0, 2048)), status::ok);
  void* large = a.allocate(512);
  ASSERT_NE(large, nullptr);
  ASSERT_NE(a.allocate(8), nullptr);
  const usage used = a.usage();
  auto* const tree = reinterpret_cast<uint32_t*>(static_cast<unsigned char*>(memory.lent().begin) +
                                                 2048 - used.bytes_overhead);
  // The root and what it says is free.
  for (unsigned bit = 0; bit < 32; ++bit) {
    tree[1] ^= uint32_t{1} << bit;
    EXPECT_EQ(verdict(a), status::corrupted) << "root, bit " << bit;
    tree[1] ^= uint32_t{1} << bit;
  }
  const uint32_t root = tree[1];
  tree[1] = 0;
  EXPECT_EQ(verdict(a), status::corrupted) << "nothing is free, says the root";
  tree[1] = root;
  EXPECT_EQ(verdict(a), status::ok);
}

// --- slab

template <slab_metadata Metadata>
void damage_slab_headers() {
  using slab_type = slab<size_classes<16, 64>, at<check_level::basic>, 512, Metadata>;
  static slab_type a;
  ASSERT_EQ(a.init(memory.carve(0, slab_type::required_bytes_for_slabs(3, 128))), status::ok);
  static void* small[80];
  size_t count = 0;
  while (count < 80 && (small[count] = a.allocate(16)) != nullptr) {
    ++count;
  }
  for (size_t i = 0; i < count; i += 7) {
    ASSERT_EQ(a.deallocate(small[i], 16), status::ok);
  }
  ASSERT_EQ(verdict(a), status::ok);
  auto* const first = static_cast<unsigned char*>(memory.lent().begin);
  auto* const h = reinterpret_cast<engine::slab_header*>(
      Metadata == slab_metadata::in_slab ? first : first + 3 * 512);
  const uintptr_t wrong[] = {address(h), address(h) + sizeof(void*), address(elsewhere),
                             address(first) + 512 + 8};
  for (const uintptr_t link : wrong) {
    {
      const planted damage(&h->next, link);
      EXPECT_EQ(verdict(a), status::corrupted) << "next " << link;
    }
    {
      const planted damage(&h->previous, link);
      EXPECT_EQ(verdict(a), status::corrupted) << "previous " << link;
    }
  }
  const unsigned char index = h->class_index;
  constexpr unsigned char indices[] = {1, 2, 100, 254, 255};
  for (const unsigned char other : indices) {
    h->class_index = other;
    EXPECT_EQ(verdict(a), status::corrupted) << "class " << static_cast<unsigned>(other);
  }
  h->class_index = index;
  EXPECT_EQ(verdict(a), status::ok);
}

TEST_F(corruption, of_a_slabs_header_is_seen_in_the_slab) {
  damage_slab_headers<slab_metadata::in_slab>();
}
TEST_F(corruption, of_a_slabs_header_is_seen_out_of_band) {
  damage_slab_headers<slab_metadata::out_of_band>();
}

TEST_F(corruption, of_a_wide_slabs_bitmap_is_seen_bit_by_bit) {
  using slab_type = slab<size_classes<8, 128>, at<check_level::basic>, 1024>;
  static slab_type a;
  ASSERT_EQ(a.init(memory.carve(0, 1024)), status::ok);
  void* blocks[40];
  for (auto& block : blocks) {
    block = a.allocate(8, 1);
    ASSERT_NE(block, nullptr);
  }
  for (size_t i = 0; i < 40; i += 3) {
    ASSERT_EQ(a.deallocate(blocks[i], 8, 1), status::ok);
  }
  auto* const h = static_cast<engine::slab_header*>(memory.lent().begin);
  const size_t words = (1024 / 8 - sizeof(*h) / 8) / engine::slab_word_bits + 1;
  EXPECT_EQ(unseen_flips(a, h->bits(), words * sizeof(engine::slab_word)), 0U);
  EXPECT_EQ(unseen_flips(a, &h->summary, sizeof h->summary), 0U);
  EXPECT_EQ(unseen_flips(a, &h->in_use, sizeof h->in_use), 0U);
}

// --- stack and arena

TEST_F(corruption, of_a_stacks_headers_is_seen) {
  static stack<at<check_level::basic>> a;
  ASSERT_EQ(a.init(memory.carve(0, 1024)), status::ok);
  constexpr stack_side sides[] = {stack_side::low, stack_side::high};
  for (const stack_side side : sides) {
    unsigned char* blocks[4];
    for (auto& block : blocks) {
      block = static_cast<unsigned char*>(a.allocate({40, 8}, side));
      ASSERT_NE(block, nullptr);
    }
    for (size_t i = 0; i < 4; ++i) {
      // Two words on the inner side of each block: its size, and the edge before.
      auto* const size = side == stack_side::low
                             ? blocks[i] + detail::round_up(40, default_alignment)
                             : blocks[i] - 2 * sizeof(size_t);
      auto* const edge = size + sizeof(size_t);
      const uintptr_t wrong[] = {address(blocks[i]) + 8, address(elsewhere), 0, UINTPTR_MAX,
                                 address(memory.lent().begin) - 1};
      for (const uintptr_t value : wrong) {
        {
          const planted damage(size, value);
          EXPECT_EQ(verdict(a), status::corrupted) << i << " size " << value;
        }
        const planted damage(edge, value);
        EXPECT_EQ(verdict(a), status::corrupted) << i << " edge " << value;
      }
      if (i == 3) {
        // A size that is possible at that place is found by whoever knows better.
        const planted damage(size, 39);
        fault_recorder faults;
        EXPECT_EQ(a.deallocate(blocks[i], 40, 8), status::wrong_size);
      }
    }
    EXPECT_EQ(verdict(a), status::ok);
  }
}

struct owed {
  static inline int run = 0;
  ~owed() {
    ++run;
  }
};

TEST_F(corruption, of_an_arenas_headers_and_finalizers_is_seen) {
  arena<at<check_level::basic>, region_list_source> a;
  alignas(16) static unsigned char more[256];
  ASSERT_EQ(a.source().add({more, sizeof more}), status::ok);
  auto* const first = static_cast<unsigned char*>(memory.carve(0, 128).begin);
  ASSERT_EQ(a.init({first, 128}), status::ok);
  auto* one = a.construct_finalized<owed>();
  ASSERT_NE(one, nullptr);
  ASSERT_NE(a.allocate(150, 1), nullptr);  // in the second region
  ASSERT_EQ(verdict(a), status::ok);
  using header = engine::arena_core::chunk_header;
  auto* const old_chunk = reinterpret_cast<header*>(first);
  auto* const new_chunk = reinterpret_cast<header*>(more);
  {
    const planted damage(&new_chunk->previous, 0);
    EXPECT_EQ(verdict(a), status::corrupted) << "the older region is lost";
  }
  {
    const planted damage(&old_chunk->used_before, 8);
    EXPECT_EQ(verdict(a), status::corrupted);
  }
  {
    const planted damage(&new_chunk->used_before, 1000);
    EXPECT_EQ(verdict(a), status::corrupted);
  }
  {
    const planted damage(&old_chunk->previous, address(old_chunk));
    EXPECT_EQ(verdict(a), status::corrupted) << "a cycle of regions";
  }
  using finalizer = engine::arena_core::finalizer;
  finalizer* node = nullptr;
  for (auto* p = first; p < first + 128 && node == nullptr; p += sizeof(void*)) {
    auto* candidate = reinterpret_cast<finalizer*>(p);
    node = candidate->object == one ? candidate : nullptr;
  }
  ASSERT_NE(node, nullptr);
  {
    const planted damage(&node->next, address(elsewhere));
    EXPECT_EQ(verdict(a), status::corrupted);
  }
  {
    const planted damage(&node->next, address(node));
    EXPECT_EQ(verdict(a), status::corrupted) << "a cycle of finalizers";
  }
  EXPECT_EQ(verdict(a), status::ok);
  a.reset();
}

}  // namespace
}  // namespace acre::test
