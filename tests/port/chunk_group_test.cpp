// SPDX-License-Identifier: MIT
// chunk_group and local_arena: chunks that grow, come back, and go to the next arena, of whatever thread.
#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <acre/mutex_lock.hpp>
#include <acre/port/local_arena.hpp>
#include <acre/port/os_source.hpp>
#include <acre/typed.hpp>

#include "support/counting_lock.hpp"
#include "support/failing_os.hpp"
#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/random.hpp"
#include "support/report.hpp"
#include "support/sources.hpp"

namespace acre::test {
namespace {

constexpr size_t kib = 1024;
constexpr size_t mib = 1024 * kib;

using native = port::native_memory;
using counted = failing_os<native>;
using counted_source = basic_os_source<counted>;
using group_type = chunk_group<counted_source, counting_lock, checks_basic>;
using shared_group = chunk_group<os_source, mutex_lock<std::mutex>, checks_full>;

constexpr chunk_options small_chunks{
    .smallest_chunk = 64 * kib, .largest_chunk = 512 * kib, .keep_bytes = 2 * mib};

class ChunkGroup : public seeded_test {
 protected:
  void SetUp() override {
    counted::start();
    counting_lock::taken = counting_lock::nested = 0;
    seeded_test::SetUp();
  }
  void TearDown() override {
    EXPECT_EQ(group.validate(), status::ok);
    EXPECT_EQ(group.accounts().chunks_out, 0U);
    group.trim();
    EXPECT_EQ(group.accounts().bytes_kept, 0U);
    EXPECT_EQ(group.source().accounts(), os_accounts{});
    EXPECT_EQ(counted::bytes_out, 0U);
    EXPECT_EQ(counting_lock::held, 0U);
    EXPECT_EQ(counting_lock::nested, 0U);
    seeded_test::TearDown();
  }

  group_type group{small_chunks};
};

TEST_F(ChunkGroup, chunks_begin_and_end_at_cache_lines_and_have_room) {
  for (const size_t bytes : {size_t{0}, size_t{1}, 64 * kib, 64 * kib - 128, 300 * kib, 5 * mib}) {
    const region chunk = group.acquire(bytes);
    ASSERT_FALSE(chunk.empty());
    EXPECT_GE(chunk.size, bytes);
    EXPECT_EQ(chunk.address() % port::cache_line_bytes, 0U);
    EXPECT_EQ(chunk.size % port::cache_line_bytes, 0U);
    fill_pattern(chunk.begin, chunk.size, 1);
    EXPECT_TRUE(holds_pattern(chunk.begin, chunk.size, 1));
    group.release(chunk);
  }
}

TEST_F(ChunkGroup, a_chunk_that_came_back_is_the_next_one) {
  const region first = group.acquire(100 * kib);
  group.release(first);
  const uint32_t calls = counted::calls;
  for (int i = 0; i < 100; ++i) {
    const region again = group.acquire(70 * kib);  // of the same power of two
    EXPECT_EQ(again.begin, first.begin);
    EXPECT_EQ(again.size, first.size);
    group.release(again);
  }
  EXPECT_EQ(counted::calls, calls);
  EXPECT_EQ(group.accounts().recycled, 100U);
  EXPECT_EQ(group.accounts().from_source, 1U);
}

TEST_F(ChunkGroup, large_chunks_that_came_back_serve_again) {
  const region first = group.acquire(600 * kib);  // above the cap
  EXPECT_LT(first.size, 700 * kib);
  group.release(first);
  const region again = group.acquire(590 * kib);
  EXPECT_EQ(again.begin, first.begin);
  const region other = group.acquire(590 * kib);
  group.release(again);
  group.release(other);
}

TEST_F(ChunkGroup, keeps_no_more_than_its_budget_and_gives_the_oldest_back) {
  region all[40];
  for (region& each : all) {
    each = group.acquire(1);
  }
  EXPECT_EQ(group.accounts().chunks_out, 40U);
  EXPECT_EQ(group.accounts().bytes_out, 40 * 64 * kib);
  for (const region& each : all) {
    group.release(each);
    EXPECT_LE(group.accounts().bytes_kept, 2 * mib);
    EXPECT_EQ(group.validate(), status::ok);
  }
  EXPECT_EQ(group.accounts().bytes_kept, 2 * mib);
  EXPECT_EQ(group.accounts().to_source, 8U);
  const region youngest = group.acquire(1);
  EXPECT_EQ(youngest.begin, all[39].begin);
  group.release(youngest);
  EXPECT_EQ(group.trim(mib), mib);
  EXPECT_EQ(group.accounts().bytes_kept, mib);
  EXPECT_EQ(group.trim(), mib);
  EXPECT_EQ(group.trim(), 0U);
  EXPECT_EQ(group.accounts().to_source, 40U);
}

TEST_F(ChunkGroup, a_chunk_above_the_budget_is_not_kept) {
  group.release(group.acquire(3 * mib));
  EXPECT_EQ(group.accounts().bytes_kept, 0U);
  EXPECT_EQ(counted::bytes_out, 0U);
}

TEST_F(ChunkGroup, options_that_contradict_are_refused) {
  EXPECT_EQ(group.configure({.smallest_chunk = 65537}), status::invalid_argument);
  EXPECT_EQ(group.configure({.smallest_chunk = 2048}), status::invalid_argument);
  EXPECT_EQ(group.configure({.smallest_chunk = 65536, .largest_chunk = 32768}),
            status::invalid_argument);
  EXPECT_EQ(group.configure({.largest_chunk = 3 * mib}), status::invalid_argument);
  EXPECT_EQ(group.configure({.largest_chunk = SIZE_MAX / 2 + 1}), status::invalid_argument);
  const region chunk = group.acquire(1);
  EXPECT_EQ(group.configure({}), status::invalid_argument) << "a chunk is out";
  group.release(chunk);
  EXPECT_EQ(group.configure({}), status::invalid_argument) << "a chunk is kept";
  group.trim();
  EXPECT_EQ(group.configure({}), status::ok);
  group_type wrong(chunk_options{.smallest_chunk = 5000});
  EXPECT_TRUE(wrong.acquire(1).empty());
  EXPECT_TRUE(group.acquire(SIZE_MAX).empty());
  EXPECT_TRUE(group.acquire(SIZE_MAX / 4).empty());
}

TEST_F(ChunkGroup, finds_chunks_again_whatever_the_source_rounds_to) {
  for (const size_t granularity : {size_t{1}, 64 * kib, 100'000 * size_t{1}, 2 * mib}) {
    ASSERT_EQ(group.source().configure({.granularity = granularity}), status::ok);
    ASSERT_EQ(
        group.configure({.smallest_chunk = 4096, .largest_chunk = mib, .keep_bytes = 16 * mib}),
        status::ok);
    for (const size_t bytes : {size_t{1}, 5000 * size_t{1}, 100 * kib, 3 * mib}) {
      const region first = group.acquire(bytes);
      ASSERT_FALSE(first.empty());
      group.release(first);
      const uint64_t before = group.accounts().from_source;
      const region again = group.acquire(bytes);
      EXPECT_EQ(group.accounts().from_source, before) << granularity << " " << bytes;
      group.release(again);
      group.trim();
    }
  }
}

TEST_F(ChunkGroup, what_is_not_a_chunk_is_refused) {
  const fault_recorder recorder;
  const region chunk = group.acquire(1);
  auto* const begin = static_cast<unsigned char*>(chunk.begin);
  group.release({});
  EXPECT_EQ(recorder.total(), 0U);
  static unsigned char foreign[1024];
  group.release({foreign + 512 - reinterpret_cast<uintptr_t>(foreign) % 128, 128});
  group.release({begin + 1, 64});
  group.release({begin + 1024, chunk.size - 1024});
  EXPECT_EQ(recorder.count(status::foreign_pointer), 3U);
  group.release({begin, chunk.size - 128});
  group.release({begin, chunk.size + 128});
  EXPECT_EQ(recorder.count(status::wrong_size), 2U);
  group_type other(small_chunks);
  other.release(chunk);
  EXPECT_EQ(recorder.count(status::foreign_pointer), 4U) << "another group's";
  EXPECT_EQ(group.accounts().chunks_out, 1U) << "nothing was harmed";
  group.release(chunk);
  EXPECT_EQ(recorder.total(), 6U);
  group.release(chunk);
  EXPECT_EQ(recorder.count(status::double_free), 1U);
}

TEST_F(ChunkGroup, a_kept_chunk_whose_record_was_written_over_is_found) {
  const region chunk = group.acquire(1);
  group.release(chunk);
  auto* const record = static_cast<unsigned char*>(chunk.begin) - group_type::record_bytes;
  const unsigned char before = record[0];
  EXPECT_EQ(group.validate(), status::ok);
  record[0] = static_cast<unsigned char>(before + 1);
  EXPECT_EQ(group.validate(), status::corrupted);
  EXPECT_DEATH(static_cast<void>(group.acquire(1)), "");
  EXPECT_DEATH(static_cast<void>(group.trim()), "");
  record[0] = before;
}

TEST_F(ChunkGroup, a_larger_chunk_serves_when_the_source_refuses) {
  group.release(group.acquire(400 * kib));
  counted::start(1, UINT32_MAX);
  const region chunk = group.acquire(1);
  EXPECT_EQ(chunk.size, 512 * kib - group_type::record_bytes);
  EXPECT_TRUE(group.acquire(1).empty()) << "now nothing is left";
  counted::start();
  group.release(chunk);
}

TEST_F(ChunkGroup, what_is_kept_makes_room_when_the_source_refuses) {
  group.release(group.acquire(1));
  counted::start(1);
  const region chunk = group.acquire(mib);
  EXPECT_FALSE(chunk.empty());
  EXPECT_EQ(group.accounts().chunks_kept, 0U);
  group.release(chunk);
}

TEST_F(ChunkGroup, regions_do_not_overlap_in_any_order) {
  random choose;
  struct held {
    region chunk;
    uint32_t tag;
  } all[24] = {};
  size_t out = 0;
  for (uint32_t step = 1; step <= 2000; ++step) {
    held& slot = all[choose.below(24)];
    if (slot.chunk.empty()) {
      slot.chunk = group.acquire(size_t{1} << choose.below(20));
      ASSERT_FALSE(slot.chunk.empty());
      slot.tag = step;
      fill_pattern(slot.chunk.begin, 256, step);
      fill_pattern(static_cast<unsigned char*>(slot.chunk.begin) + slot.chunk.size - 256, 256,
                   ~step);
      out += slot.chunk.size + group_type::record_bytes;
    } else {
      EXPECT_TRUE(holds_pattern(slot.chunk.begin, 256, slot.tag));
      EXPECT_TRUE(holds_pattern(
          static_cast<unsigned char*>(slot.chunk.begin) + slot.chunk.size - 256, 256, ~slot.tag));
      out -= slot.chunk.size + group_type::record_bytes;
      group.release(slot.chunk);
      slot = {};
    }
    ASSERT_EQ(group.validate(), status::ok);
    ASSERT_EQ(group.accounts().bytes_out, out);
    ASSERT_EQ(group.source().accounts().in_use, out + group.accounts().bytes_kept);
  }
  for (const held& slot : all) {
    group.release(slot.chunk);
  }
}

TEST_F(ChunkGroup, loses_nothing_when_the_nth_call_of_the_system_fails) {
  for (const uint32_t failing_calls : {1U, 2U, UINT32_MAX}) {
    uint32_t refused = 0;
    uint32_t n = 1;
    for (; n < 1000; ++n) {
      SCOPED_TRACE(n);
      ASSERT_EQ(group.configure(small_chunks), status::ok);
      counted::start(n, failing_calls);
      {
        local_arena<group_type> arenas[3] = {local_arena<group_type>(group),
                                             local_arena<group_type>(group),
                                             local_arena<group_type>(group)};
        for (int round = 0; round < 3; ++round) {
          for (auto& each : arenas) {
            for (int i = 0; i < 8 + 8 * round; ++i) {
              void* block = each.allocate(30 * kib, 8);
              refused += block == nullptr ? 1U : 0U;
              if (block != nullptr) {
                fill_pattern(block, 30 * kib, 1);
              }
            }
            round == 1 ? each.reset_keep() : each.reset();
          }
          group.trim(mib);
          EXPECT_EQ(group.validate(), status::ok);
        }
      }
      EXPECT_EQ(group.accounts().chunks_out, 0U);
      const uint32_t failures = counted::failures;
      counted::start();
      group.trim();
      group.source().trim();
      ASSERT_EQ(group.source().accounts(), os_accounts{});
      ASSERT_EQ(counted::bytes_out, 0U);
      if (failures == 0) {
        break;
      }
    }
    EXPECT_GT(n, 5U);
    EXPECT_LT(n, 1000U);
    if (failing_calls == UINT32_MAX) {
      EXPECT_GT(refused, 0U);
    }
  }
}

TEST_F(ChunkGroup, a_source_that_does_not_align_is_asked_for_more) {
  static failing_source<4, 16 * kib> crooked;
  crooked.misalign(3);
  struct by_reference {
    region acquire(size_t bytes) noexcept {
      return crooked.acquire(bytes);
    }
    void release(region memory) noexcept {
      crooked.release(memory);
    }
    [[nodiscard]] size_t granularity() const noexcept {
      return 1;
    }
  };
  chunk_group<by_reference, no_lock> odd(
      chunk_options{.smallest_chunk = 4096, .largest_chunk = 8192, .keep_bytes = 8192});
  const region chunk = odd.acquire(12 * kib);
  EXPECT_EQ(chunk.address() % port::cache_line_bytes, 0U);
  fill_pattern(chunk.begin, chunk.size, 3);
  odd.release(chunk);
  EXPECT_EQ(odd.validate(), status::ok);
  odd.trim();
  EXPECT_EQ(crooked.outstanding(), 0U);
  EXPECT_TRUE(odd.acquire(16 * kib - port::cache_line_bytes).empty())
      << "not with that much lost to alignment";
  EXPECT_EQ(crooked.outstanding(), 0U);
  EXPECT_EQ(crooked.wrong_releases(), 0U);
}

TEST_F(ChunkGroup, is_constant_initialised) {
  static constinit chunk_group<os_source, no_lock> unused(small_chunks);
  EXPECT_EQ(unused.accounts(), chunk_accounts{});
}

// Arenas.

using arena_type = local_arena<group_type, policies<no_lock, checks_full, padding_counters>>;

TEST_F(ChunkGroup, an_arena_grows_in_chunks_that_double_up_to_the_cap) {
  arena_type a(group);
  size_t expected = 64 * kib;
  size_t sum = expected;
  EXPECT_EQ(group.accounts().bytes_out, sum);
  for (int i = 0; i < 6; ++i) {
    const uint64_t before = group.accounts().from_source;
    while (group.accounts().from_source == before) {
      ASSERT_NE(a.allocate(1000), nullptr);
    }
    expected = expected * 2 < 512 * kib ? expected * 2 : 512 * kib;
    sum += expected;
    EXPECT_EQ(group.accounts().bytes_out, sum);
  }
  EXPECT_EQ(a.source().chunks(), 7U);
  a.reset();
  EXPECT_EQ(a.source().chunks(), 1U);
  EXPECT_EQ(group.accounts().bytes_out, 64 * kib);
}

TEST_F(ChunkGroup, one_arenas_chunks_are_the_next_ones) {
  for (int i = 0; i < 50; ++i) {
    arena_type a(group);
    for (int block = 0; block < 400; ++block) {
      ASSERT_NE(a.allocate(1000), nullptr);
    }
  }
  const chunk_accounts accounts = group.accounts();
  EXPECT_EQ(accounts.from_source, 3U);
  EXPECT_EQ(accounts.recycled, 49U * 3U);
}

struct point {
  double x;
  double y;
  point(double a, double b) : x(a), y(b) {}
};

TEST_F(ChunkGroup, objects_are_constructed_in_it_and_padding_is_counted) {
  static int destroyed;
  destroyed = 0;
  struct owed {
    ~owed() {
      ++destroyed;
    }
  };
  {
    arena_type a(group);
    ASSERT_NE(a.allocate(1, 1), nullptr);
    const point* p = a.construct<point>(1.0, 2.0);
    ASSERT_NE(p, nullptr);
    EXPECT_EQ(p->y, 2.0);
    EXPECT_EQ(a.observer().padding_bytes(), alignof(point) - 1);
    EXPECT_NE(construct_array<int>(a, 10), nullptr);
    ASSERT_NE(a.construct_finalized<owed>(), nullptr);
    EXPECT_NE(a.allocate(100 * kib), nullptr);
    EXPECT_GT(a.observer().lost_bytes(), 60 * kib);
  }
  EXPECT_EQ(destroyed, 1) << "by the arena's destructor";
}

TEST_F(ChunkGroup, arenas_share_no_cache_line) {
  static_assert(alignof(arena_type) == port::cache_line_bytes);
  static_assert(sizeof(arena_type) % port::cache_line_bytes == 0);
  arena_type arenas[4] = {arena_type(group), arena_type(group), arena_type(group),
                          arena_type(group)};
  std::set<uintptr_t> lines[4];
  for (int i = 0; i < 3000; ++i) {
    for (int owner = 0; owner < 4; ++owner) {
      void* block = arenas[owner].allocate(100, 4);
      ASSERT_NE(block, nullptr);
      const auto first = reinterpret_cast<uintptr_t>(block);
      lines[owner].insert(first / port::cache_line_bytes);
      lines[owner].insert((first + 99) / port::cache_line_bytes);
    }
  }
  for (int owner = 0; owner < 4; ++owner) {
    for (const uintptr_t line : lines[owner]) {
      for (int other = 0; other < owner; ++other) {
        ASSERT_EQ(lines[other].count(line), 0U);
      }
    }
  }
}

TEST_F(ChunkGroup, an_arena_of_a_group_that_has_nothing_answers_null_until_it_has) {
  counted::start(1, UINT32_MAX);
  arena_type a(group);
  EXPECT_EQ(a.allocate(1), nullptr);
  counted::start();
  EXPECT_EQ(a.init(), status::ok);
  EXPECT_NE(a.allocate(1), nullptr);
  arena<policies<>, group_source<group_type>> of_none;
  EXPECT_EQ(of_none.init(), status::exhausted);
}

// Threads.

// Keeps all that six threads can have at a time.
shared_group shared(chunk_options{
    .smallest_chunk = 64 * kib, .largest_chunk = 512 * kib, .keep_bytes = 16 * mib});

TEST(ChunkGroupThreads, hand_chunks_on_and_lose_none) {
  constexpr unsigned count = 6;
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < count; ++id) {
    threads.emplace_back([id] {
      for (uint32_t round = 0; round < 60; ++round) {
        local_arena<shared_group> mine(shared);
        void* blocks[100];
        for (uint32_t i = 0; i < 100; ++i) {
          const size_t size = 200 + 97 * i;
          blocks[i] = mine.allocate(size, 8);
          ASSERT_NE(blocks[i], nullptr);
          fill_pattern(blocks[i], size, id * 1000 + i);
        }
        for (uint32_t i = 0; i < 100; ++i) {
          ASSERT_TRUE(holds_pattern(blocks[i], 200 + 97 * i, id * 1000 + i));
        }
        round % 2 == 0 ? mine.reset() : mine.reset_keep();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const chunk_accounts accounts = shared.accounts();
  EXPECT_EQ(accounts.chunks_out, 0U);
  EXPECT_EQ(accounts.recycled + accounts.from_source, count * 60 * 4);
  EXPECT_LE(accounts.from_source, count * 4);  // as many as are out at a time, and no more
  EXPECT_EQ(shared.validate(), status::ok);
  shared.trim();
  EXPECT_EQ(shared.source().accounts(), os_accounts{});
}

TEST(ChunkGroupThreads, have_an_arena_each_that_goes_back_when_they_end) {
#if defined(__MINGW32__)
  GTEST_SKIP() << "mingw-w64 frees a thread_local object before its destructor runs";
#endif
  for (int i = 0; i < 20; ++i) {
    std::thread([] {
      thread_local local_arena<shared_group> mine(shared);
      for (int block = 0; block < 200; ++block) {
        ASSERT_NE(mine.construct<point>(1.0, 1.0), nullptr);
      }
      EXPECT_GT(shared.accounts().chunks_out, 0U);
    }).join();
  }
  EXPECT_EQ(shared.accounts().chunks_out, 0U);
  shared.trim();
  EXPECT_EQ(shared.source().accounts(), os_accounts{});
}

}  // namespace
}  // namespace acre::test
