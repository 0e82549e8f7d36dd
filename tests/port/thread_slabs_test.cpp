// SPDX-License-Identifier: MIT
// Slabs of one thread: what is handed out, refused, given back to the source, and what a source that fails
// leaves behind. slab_threads_test has the rest.
#include <gtest/gtest.h>

#include <acre/port/slab_provider.hpp>
#include <acre/port/thread_slabs.hpp>

#include <set>
#include <thread>
#include <vector>

#include "support/counted_source.hpp"
#include "support/fault_recorder.hpp"

namespace acre::test {
namespace {

template <size_t Size, class Checks = checks_basic, size_t Align = 8>
class slabs_of : public hosted::thread_slabs<Size, counted_source, Checks, Align> {
 public:
  ~slabs_of() {
    this->release_all();
    EXPECT_EQ(this->source().regions_out(), 0U);
    EXPECT_EQ(this->source().bytes_out(), 0U);
  }
};

template <class Slabs>
class thread_slabs_of : public ::testing::Test {};
using kinds =
    ::testing::Types<slabs_of<1>, slabs_of<16, checks_none>, slabs_of<24>, slabs_of<64>,
                     slabs_of<72, checks_full>, slabs_of<200, checks_basic, 64>, slabs_of<1024>,
                     slabs_of<1500>, slabs_of<5000, checks_basic, 4096>, slabs_of<100000>>;
TYPED_TEST_SUITE(thread_slabs_of, kinds);

TYPED_TEST(thread_slabs_of, hand_out_blocks_that_do_not_overlap_and_take_them_back) {
  TypeParam slabs;
  const size_t count = 3 * TypeParam::chunk_bytes / TypeParam::block_bytes;
  std::set<uintptr_t> blocks;
  for (size_t i = 0; i < count; ++i) {
    void* const block = slabs.allocate();
    ASSERT_NE(block, nullptr);
    const auto address = reinterpret_cast<uintptr_t>(block);
    ASSERT_EQ(address % TypeParam::block_alignment, 0U);
    ASSERT_TRUE(slabs.owns(block));
    const auto above = blocks.lower_bound(address);
    ASSERT_TRUE(above == blocks.end() || *above - address >= TypeParam::block_bytes);
    ASSERT_TRUE(above == blocks.begin() || address - *std::prev(above) >= TypeParam::block_bytes);
    blocks.insert(address);
  }
  EXPECT_EQ(slabs.usage().blocks_in_use, count);
  EXPECT_EQ(slabs.usage().bytes_in_use, count * TypeParam::block_bytes);
  EXPECT_EQ(slabs.validate(), status::ok);
  for (const uintptr_t address : blocks) {
    ASSERT_EQ(slabs.deallocate(reinterpret_cast<void*>(address)), status::ok);
  }
  EXPECT_EQ(slabs.usage().blocks_in_use, 0U);
  EXPECT_EQ(slabs.validate(), status::ok);
  const uint64_t calls = slabs.source().calls();
  for (size_t i = 0; i < count; ++i) {
    ASSERT_NE(slabs.allocate(), nullptr);
  }
  EXPECT_EQ(slabs.source().calls(), calls) << "what was given back is used first";
}

TYPED_TEST(thread_slabs_of, give_everything_that_is_not_in_use_back_when_trimmed) {
  TypeParam slabs;
  const size_t count = 2 * TypeParam::chunk_bytes / TypeParam::block_bytes;
  std::vector<void*> blocks;
  for (size_t i = 0; i < count; ++i) {
    blocks.push_back(slabs.allocate());
    ASSERT_NE(blocks.back(), nullptr);
  }
  const size_t most = slabs.source().bytes_out();
  for (size_t i = 1; i < count; ++i) {
    ASSERT_EQ(slabs.deallocate(blocks[i]), status::ok);
  }
  const size_t released = slabs.trim();
  EXPECT_GE(released, TypeParam::chunk_bytes);
  EXPECT_EQ(slabs.source().bytes_out(), most - released);
  EXPECT_TRUE(slabs.owns(blocks[0]));
  EXPECT_EQ(slabs.validate(), status::ok);
  ASSERT_EQ(slabs.deallocate(blocks[0]), status::ok);
  EXPECT_NE(slabs.trim(), 0U);
  EXPECT_FALSE(slabs.owns(blocks[0]));
  EXPECT_EQ(slabs.counts().chunks, 0U);
  EXPECT_EQ(slabs.trim(), 0U);
  EXPECT_NE(slabs.allocate(), nullptr);
  EXPECT_EQ(slabs.validate(), status::ok);
}

TYPED_TEST(thread_slabs_of, are_exhausted_and_no_more_where_the_source_fails) {
  bool succeeded = false;
  for (uint64_t n = 1; !succeeded; ++n) {
    ASSERT_LT(n, 100U);
    TypeParam slabs;
    slabs.source().fail_at(n);
    const size_t count = 2 * TypeParam::chunk_bytes / TypeParam::block_bytes + 1;
    std::vector<void*> blocks;
    size_t failures = 0;
    while (blocks.size() < count && failures < 3) {
      void* const block = slabs.allocate();
      if (block == nullptr) {
        ++failures;
        ASSERT_EQ(slabs.usage().blocks_in_use, blocks.size());
        ASSERT_EQ(slabs.validate(), status::ok);
      } else {
        blocks.push_back(block);
      }
    }
    ASSERT_EQ(blocks.size(), count) << "one failure is all there is";
    succeeded = slabs.source().calls() < n;
    for (void* const block : blocks) {
      ASSERT_EQ(slabs.deallocate(block), status::ok);
    }
    ASSERT_EQ(slabs.validate(), status::ok);
    slabs.trim();
    ASSERT_EQ(slabs.counts().chunks, 0U);
  }
}

TYPED_TEST(thread_slabs_of, refuse_every_bad_free) {
  if constexpr (TypeParam::policies_type::level == check_level::none) {
    GTEST_SKIP() << "level none trusts its caller";
  }
  const fault_recorder faults;
  TypeParam slabs;
  auto* const block = static_cast<unsigned char*>(slabs.allocate());
  auto* const other = static_cast<unsigned char*>(slabs.allocate());
  ASSERT_NE(other, nullptr);
  unsigned char foreign[64];
  const layout shape{TypeParam::block_bytes, TypeParam::block_alignment};
  for (const auto free_it : {+[](TypeParam&s, void*p) { return s.deallocate(p); },
                             +[](TypeParam&s, void*p) { return s.give_back(p); }}) {
    EXPECT_EQ(free_it(slabs, nullptr), status::ok);
    EXPECT_EQ(free_it(slabs, hidden(&foreign[32])), status::foreign_pointer);
    EXPECT_EQ(free_it(slabs, hidden(block + 1)), status::misaligned_pointer);
    EXPECT_EQ(free_it(slabs, reinterpret_cast<void*>(uintptr_t{8})), status::foreign_pointer);
    EXPECT_EQ(free_it(slabs, reinterpret_cast<void*>(UINTPTR_MAX - 7)), status::foreign_pointer);
    if (TypeParam::block_bytes > TypeParam::block_alignment) {
      EXPECT_EQ(free_it(slabs, hidden(block + TypeParam::block_alignment)),
                status::interior_pointer);
    }
  }
  EXPECT_EQ(slabs.deallocate(block, {TypeParam::block_bytes + 1, 1}), status::wrong_size);
  EXPECT_EQ(slabs.deallocate(block, {1, 2 * TypeParam::block_alignment}), status::wrong_size);
  EXPECT_TRUE(slabs.is_live(block, shape));
  const uint32_t told = fault_recorder::total();
  EXPECT_EQ(slabs.deallocate(block), status::ok);
  EXPECT_FALSE(slabs.is_live(block, shape));
  EXPECT_EQ(slabs.deallocate(block), status::double_free);
  EXPECT_EQ(slabs.give_back(block), status::double_free);
  EXPECT_EQ(slabs.give_back(other), status::ok);
  EXPECT_FALSE(slabs.is_live(other, shape));
  EXPECT_EQ(slabs.give_back(other), status::double_free);
  EXPECT_EQ(slabs.deallocate(other), status::double_free);
  EXPECT_EQ(fault_recorder::total(), told + 4);
  EXPECT_EQ(fault_recorder::last().address, other);
  // A block that was never handed out.
  EXPECT_EQ(slabs.deallocate(hidden(other + TypeParam::block_bytes)),
            TypeParam::blocks_per_slab == 1 && TypeParam::chunk_bytes < 3 * TypeParam::block_bytes
                ? status::foreign_pointer
                : status::double_free);
  EXPECT_EQ(slabs.usage().blocks_in_use, 0U);
  EXPECT_EQ(slabs.validate(), status::ok);
  slabs.trim();
  EXPECT_EQ(slabs.deallocate(block), status::foreign_pointer) << "its memory is the source's";
  EXPECT_EQ(slabs.usage().blocks_in_use, 0U);
}

TEST(thread_slabs, serve_layouts_that_fit) {
  slabs_of<48, checks_basic, 16> slabs;
  EXPECT_EQ(slabs.allocate({49, 1}), nullptr);
  EXPECT_EQ(slabs.allocate({48, 32}), nullptr);
  EXPECT_EQ(slabs.allocate({SIZE_MAX, 1}), nullptr);
  EXPECT_EQ(slabs.allocate({16, 3}), nullptr);
  EXPECT_EQ(slabs.usage(), acre::usage{});
  void* const block = slabs.allocate({0, 1});
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(slabs.deallocate(block, {0, 1}), status::ok);
}

TEST(thread_slabs, find_writes_to_free_blocks_at_full) {
  slabs_of<64, checks_full> slabs;
  void* const first = slabs.allocate();
  ASSERT_NE(first, nullptr);
  ASSERT_EQ(slabs.deallocate(first), status::ok);
  EXPECT_DEATH(
      {
        static_cast<unsigned char*>(hidden(first))[63] = 0;
        static_cast<void>(slabs.allocate());
      },
      "");
}

// 300 chunks: the table of chunks grows several times.
TEST(thread_slabs, find_their_chunks_however_many_there_are) {
  slabs_of<65536> slabs;
  std::vector<void*> blocks;
  while (slabs.counts().chunks < 300) {
    blocks.push_back(slabs.allocate());
    ASSERT_NE(blocks.back(), nullptr);
  }
  unsigned char foreign[64];
  const fault_recorder faults;
  EXPECT_EQ(slabs.deallocate(hidden(&foreign[0])), status::foreign_pointer);
  for (size_t i = 0; i < blocks.size(); i += 2) {
    ASSERT_EQ(slabs.deallocate(blocks[i]), status::ok);
  }
  slabs.trim();
  for (size_t i = 1; i < blocks.size(); i += 2) {
    ASSERT_EQ(slabs.deallocate(blocks[i]), status::ok);
  }
  slabs.trim();
  EXPECT_EQ(slabs.counts().chunks, 0U);
}

TEST(thread_slabs, work_under_their_lock_where_no_slot_is_left) {
  const port::thread_hooks hooks{};
  std::vector<port::thread_slot> taken(config::thread_slots);
  for (port::thread_slot& slot : taken) {
    static_cast<void>(slot.open(hooks, nullptr));
  }
  slabs_of<32> slabs;
  std::vector<void*> blocks;
  for (size_t i = 0; i < 10000; ++i) {
    blocks.push_back(slabs.allocate());
    ASSERT_NE(blocks.back(), nullptr);
  }
  EXPECT_EQ(slabs.counts().heaps, 0U);
  for (void* const block : blocks) {
    ASSERT_EQ(slabs.deallocate(block), status::ok);
  }
  EXPECT_EQ(slabs.usage().blocks_in_use, 0U);
  const size_t chunks = slabs.counts().chunks;
  for (size_t i = 0; i < 10000; ++i) {
    ASSERT_NE(slabs.allocate(), nullptr);
  }
  EXPECT_EQ(slabs.counts().chunks, chunks);
  EXPECT_EQ(slabs.validate(), status::ok);
  for (port::thread_slot& slot : taken) {
    slot.close();
  }
}

TEST(thread_slabs, keep_no_more_than_they_say) {
  slabs_of<1024> slabs;
  std::vector<void*> blocks;
  for (size_t i = 0; i < 10 * slabs.chunk_bytes / 1024; ++i) {
    blocks.push_back(slabs.allocate());
  }
  for (void* const block : blocks) {
    ASSERT_EQ(slabs.deallocate(block), status::ok);
  }
  // All slabs but those that this thread keeps are at hand for others, who need no more from the source.
  const size_t kept_blocks = slabs.kept_bytes_max / 1024;
  const uint64_t calls = slabs.source().calls();
  slabs.source().fail_always(true);
  size_t count = 0;
  std::thread([&] {
    while (slabs.allocate() != nullptr) {
      ++count;
    }
  }).join();
  slabs.source().fail_always(false);
  EXPECT_GE(count + kept_blocks, blocks.size());
  EXPECT_GT(slabs.source().calls(), calls);
}

// --- the provider

struct packet {
  static inline int alive = 0;
  int id;
  unsigned char bytes[1020] = {};

  explicit packet(int value) noexcept : id(value) {
    ++alive;
  }
  ~packet() {
    --alive;
  }
};
using received = hosted::slab_provider<packet, "received", counted_source>;
using sent = hosted::slab_provider<packet, "sent", counted_source>;
static_assert(sizeof(received::pointer) == sizeof(void*));

TEST(hosted_slab_provider, gives_out_objects_that_are_destroyed_with_their_owner) {
  {
    const received::pointer first = received::get_unique(7);
    received::pointer second = received::get_unique(8);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->id + second->id, 15);
    EXPECT_EQ(packet::alive, 2);
    EXPECT_EQ(received::state().usage().blocks_in_use, 2U);
    EXPECT_EQ(sent::state().usage().blocks_in_use, 0U);
    second.reset();
    EXPECT_EQ(packet::alive, 1);
  }
  EXPECT_EQ(packet::alive, 0);
  EXPECT_EQ(received::state().usage().blocks_in_use, 0U);
  EXPECT_NE(received::trim(), 0U);
  received::release_all();
  EXPECT_EQ(received::source().regions_out(), 0U);
}

TEST(hosted_slab_provider, runs_no_destructor_on_what_is_not_live) {
  const fault_recorder faults;
  received::pointer held = received::get_unique(1);
  packet* const object = held.get();
  EXPECT_EQ(sent::free_raw(object), status::foreign_pointer);
  held.reset();
  received::owner{}(object);
  EXPECT_EQ(packet::alive, 0);
  EXPECT_EQ(fault_recorder::count(status::double_free), 1U);
  EXPECT_EQ(received::free_raw(object), status::double_free);
  received::release_all();
}

TEST(hosted_slab_provider, answers_null_where_the_source_has_nothing) {
  received::source().fail_always(true);
  EXPECT_EQ(received::alloc_raw(), nullptr);
  EXPECT_EQ(received::get_unique(1), nullptr);
  EXPECT_EQ(packet::alive, 0);
  received::source().fail_always(false);
  void* const raw = received::alloc_raw();
  EXPECT_NE(raw, nullptr);
  EXPECT_EQ(received::free_raw(raw), status::ok);
  received::release_all();
}

}  // namespace
}  // namespace acre::test
