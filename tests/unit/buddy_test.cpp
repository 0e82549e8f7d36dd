// SPDX-License-Identifier: MIT
// What only buddy promises: blocks aligned to their size, the lowest address first, merging back to
// the start, and Robson's bound, against Robson's own adversary.
#include <gtest/gtest.h>

#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

#include <acre/buddy.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {
namespace {

// One static buffer for all: 4 KiB is what a small board has to spare.
constexpr size_t arena_bytes = on_small_board ? 4096 : on_host ? 1536 * 1024 : 128 * 1024;
guarded_memory<arena_bytes> memory;

class buddy_test : public seeded_test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(memory.guards_intact());
    seeded_test::TearDown();
  }
};

template <class Buddy>
void expect_pristine(Buddy& a, size_t largest) {
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
  EXPECT_EQ(a.usage().bytes_in_use, 0U);
  EXPECT_EQ(a.largest_free(), largest);
}

TEST_F(buddy_test, a_block_is_aligned_to_its_size) {
  static buddy<16> a;
  for (size_t offset = 0; offset < 64; offset += 12) {
    ASSERT_EQ(a.init(memory.carve(offset, 4000)), status::ok);
    for (size_t size = 1; size <= a.largest_free(); size += 1 + size / 3) {
      void* p = a.allocate(size);
      ASSERT_NE(p, nullptr) << size;
      EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % a.block_bytes({size, 1}), 0U) << size;
      EXPECT_EQ(a.deallocate(p, size), status::ok);
    }
    EXPECT_EQ(a.validate(), status::ok);
  }
}

TEST_F(buddy_test, an_alignment_above_the_size_is_honoured) {
  static buddy<16> a;
  ASSERT_EQ(a.init(memory.carve(16, 4000)), status::ok);
  for (size_t align = 1; align <= a.largest_free(); align *= 2) {
    void* p = a.allocate(8, align);
    ASSERT_NE(p, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % align, 0U);
    EXPECT_EQ(a.usage().bytes_in_use, a.block_bytes({8, align}));
    EXPECT_EQ(a.deallocate(p, 8, align), status::ok);
  }
}

TEST_F(buddy_test, the_lowest_address_that_fits_is_taken) {
  static buddy<16> a;
  ASSERT_EQ(a.init(memory.carve(0, 2048)), status::ok);
  unsigned char* blocks[16];
  for (auto& block : blocks) {
    block = static_cast<unsigned char*>(a.allocate(16));
    ASSERT_NE(block, nullptr);
  }
  for (size_t i = 1; i < 16; ++i) {
    EXPECT_EQ(blocks[i], blocks[i - 1] + 16);
  }
  // Holes at 2, 5, 8+9: a unit goes into the lowest, two units into the first pair.
  constexpr size_t holes[] = {2, 5, 8, 9};
  for (const size_t hole : holes) {
    EXPECT_EQ(a.deallocate(blocks[hole], 16), status::ok);
  }
  EXPECT_EQ(a.allocate(16), blocks[2]);
  EXPECT_EQ(a.allocate(32), blocks[8]);
  EXPECT_EQ(a.allocate(16), blocks[5]);
  EXPECT_EQ(a.allocate(16), blocks[15] + 16);
  EXPECT_EQ(a.validate(), status::ok);
}

TEST_F(buddy_test, blocks_merge_back_to_the_start_whatever_the_order) {
  static buddy<8> a;
  random stream;
  for (uint32_t round = 0; round < (on_host ? 200U : 12U); ++round) {
    current_step = round;
    ASSERT_EQ(a.init(memory.carve(round % 100, 1500 + stream.below(2000))), status::ok);
    const size_t largest = a.largest_free();
    void* blocks[64];
    size_t sizes[64];
    size_t count = 0;
    for (; count < 64; ++count) {
      sizes[count] = 1 + stream.below(256) / (1 + stream.below(30));
      blocks[count] = a.allocate(sizes[count]);
      if (blocks[count] == nullptr) {
        break;
      }
    }
    while (count != 0) {
      const size_t i = stream.below(count);
      ASSERT_EQ(a.deallocate(blocks[i], sizes[i]), status::ok);
      --count;
      blocks[i] = blocks[count];
      sizes[i] = sizes[count];
    }
    expect_pristine(a, largest);
  }
}

TEST_F(buddy_test, all_of_a_region_can_be_handed_out_whatever_its_size) {
  static buddy<16> a;
  for (size_t size = 300; size < 3000; size += on_host ? 7 : 61) {
    for (size_t offset = 0; offset < 48; offset += 20) {
      ASSERT_EQ(a.init(memory.carve(offset, size)), status::ok);
      const size_t free = a.usage().bytes_free;
      size_t taken = 0;
      for (size_t block = a.largest_free(); block != 0; block = a.largest_free()) {
        ASSERT_NE(a.allocate(block), nullptr);
        taken += block;
      }
      EXPECT_EQ(taken, free);
      EXPECT_EQ(a.validate(), status::ok);
      EXPECT_GT(free, size - size / 4 - 96) << "too much metadata";
      ASSERT_TRUE(memory.guards_intact()) << size << " " << offset;
    }
  }
}

// --- Robson

/// M units live, blocks of at most n units, of `Unit` bytes each.
template <size_t Unit, check_level Level>
class robson {
 public:
  using allocator = buddy<Unit, policies<no_lock, checks<Level>, no_observer>>;
  static constexpr size_t objects_max = on_host ? 8192 : on_small_board ? 192 : 2048;

  struct object {
    int32_t at;     // in units from the aligned begin; blocks before it are below 0
    uint16_t size;  // in units
  };

  /// Robson's program: at step i keep what covers an address that is f modulo 2^i, with f chosen so
  /// that most is wasted, free the rest, and fill up with blocks of 2^i.
  /// Source: J. M. Robson, JACM 18 (1971); as stated in N. Cohen and E. Petrank, "Limitations of
  /// Partial Compaction", PLDI 2013, figure 1.
  size_t run(allocator& a, unsigned char* base, size_t live, size_t largest) {
    base_ = base;
    count_ = 0;
    highest_ = 0;
    size_t used = 0;
    size_t f = 0;
    fill(a, 1, live, used);
    for (size_t size = 2; size <= largest; size *= 2) {
      const size_t other = f + size / 2;
      if (waste(size, other) > waste(size, f)) {
        f = other;
      }
      for (size_t i = 0; i < count_;) {
        if (occupies(objects_[i], size, f)) {
          ++i;
          continue;
        }
        used -= objects_[i].size;
        give(a, objects_[i]);
        objects_[i] = objects_[--count_];
      }
      fill(a, size, live, used);
    }
    EXPECT_LE(used, live);
    return highest_;
  }

  size_t free_all(allocator& a) {
    const size_t count = count_;
    while (count_ != 0) {
      --count_;
      give(a, objects_[count_]);
    }
    return count;
  }

 private:
  void give(allocator& a, const object& o) {
    EXPECT_EQ(a.deallocate(base_ + o.at * static_cast<ptrdiff_t>(Unit), o.size * Unit, 1),
              status::ok);
  }
  static bool occupies(const object& o, size_t size, size_t f) {
    // The first address at or behind the object's begin that is f modulo size.
    return ((f - static_cast<size_t>(o.at)) & (size - 1)) < o.size;
  }
  size_t waste(size_t size, size_t f) const {
    size_t sum = 0;
    for (size_t i = 0; i < count_; ++i) {
      sum += occupies(objects_[i], size, f) ? size - objects_[i].size : 0;
    }
    return sum;
  }
  void fill(allocator& a, size_t size, size_t live, size_t& used) {
    for (; used + size <= live; used += size) {
      auto* p = static_cast<unsigned char*>(a.allocate(size * Unit, 1));
      ASSERT_NE(p, nullptr) << "the region of required_bytes failed at block size " << size;
      ASSERT_LT(count_, objects_max);
      const auto at = static_cast<int32_t>((p - base_) / static_cast<ptrdiff_t>(Unit));
      objects_[count_++] = {at, static_cast<uint16_t>(size)};
      if (at >= 0) {
        highest_ = detail::max_of(highest_, static_cast<size_t>(at) + size);
      }
    }
  }

  unsigned char* base_ = nullptr;
  size_t count_ = 0;
  size_t highest_ = 0;
  object objects_[objects_max] = {};
};

struct load {
  size_t live;
  size_t largest;
};

// Where the loads come from: small boards have 4 KiB, others more.
constexpr load loads[] = {
    {16, 2},     {16, 4},    {32, 8},      {48, 16},   {64, 4},     {64, 16},
    {100, 8},    {128, 16},  {192, 8},
#if !defined(ACRE_TEST_SMALL)
    {256, 32},   {512, 16},  {512, 64},    {777, 32},  {1024, 128}, {2048, 64},
#endif
#if defined(ACRE_TEST_HOST)
    {2048, 256}, {4096, 32}, {4096, 1024}, {8192, 64}, {8192, 512},
#endif
};

template <size_t Unit, check_level Level>
void withstand_the_adversary(bool aligned) {
  using adversary = robson<Unit, Level>;
  static typename adversary::allocator a;
  static adversary program;
  for (const load& l : loads) {
    const size_t top = l.largest * Unit;
    const size_t region_align = aligned ? top : default_alignment;
    const size_t bytes =
        adversary::allocator::required_bytes(l.live * Unit, top, Unit, region_align);
    // A begin with exactly the alignment that was promised.
    const region all = memory.carve();
    const region begin = all.aligned(aligned ? top : 4096);
    const region lent{static_cast<unsigned char*>(begin.empty() ? all.begin : begin.begin) +
                          (aligned ? 0 : default_alignment),
                      bytes};
    if (lent.address() + bytes > all.address() + all.size || l.live > adversary::objects_max) {
      print_line("  M ", uint64_t{l.live}, ", n ", uint64_t{l.largest}, ": needs ", uint64_t{bytes},
                 " bytes, not run on this board");
      continue;
    }
    ASSERT_EQ(a.init(lent), status::ok);
    auto* const base = reinterpret_cast<unsigned char*>(detail::round_up(lent.address(), top));
    const size_t largest_at_start = a.largest_free();

    const size_t measured = program.run(a, base, l.live, l.largest);
    const size_t bound = engine::buddy_core::bound_units(l.live, l.largest);
    EXPECT_EQ(a.validate(), status::ok);
    EXPECT_LE(measured, bound);
    if (aligned) {
      EXPECT_GT(measured, l.live) << "the adversary is none";
    }
    print_line("  M ", uint64_t{l.live}, ", n ", uint64_t{l.largest}, ": need ", uint64_t{measured},
               " units, bound ", uint64_t{bound}, ", region ", uint64_t{bytes}, " bytes");
    EXPECT_GT(program.free_all(a), 0U);
    expect_pristine(a, largest_at_start);
    if (::testing::Test::HasFailure()) {
      return;
    }
  }
}

TEST_F(buddy_test, robsons_adversary_needs_more_than_is_live_and_less_than_the_bound) {
  withstand_the_adversary<8, check_level::basic>(true);
}

TEST_F(buddy_test, a_region_that_is_not_aligned_to_the_largest_block_withstands_the_adversary) {
  withstand_the_adversary<8, check_level::basic>(false);
}

TEST_F(buddy_test, robsons_adversary_makes_the_same_demands_at_every_level) {
  withstand_the_adversary<16, check_level::none>(true);
  withstand_the_adversary<16, check_level::full>(true);
}

TEST_F(buddy_test, a_region_of_required_bytes_never_fails_under_random_load_at_the_limit) {
  using allocator = buddy<8, policies<no_lock, checks_basic, no_observer>>;
  static allocator a;
  struct block {
    void* p;
    size_t size;
  };
  static block blocks[on_small_board ? 128 : 512];
  constexpr size_t blocks_most = sizeof blocks / sizeof *blocks;
  constexpr size_t limit = on_small_board ? 1024 : 16384;
  constexpr size_t largest = on_small_board ? 128 : 1024;
  random stream;
  constexpr size_t offsets[] = {0, 8, 24, 64};
  for (const size_t offset : offsets) {
    const size_t bytes = allocator::required_bytes(limit, largest, 8, 8);
    ASSERT_LE(bytes, arena_bytes);
    ASSERT_EQ(a.init(memory.carve(offset, bytes)), status::ok);
    const size_t at_start = a.largest_free();
    size_t live = 0;
    size_t count = 0;
    size_t peak = 0;
    for (uint32_t step = 0; step < (on_host ? 200'000U : 5'000U); ++step) {
      current_step = step;
      // Phases of one size each, which is what fragments.
      const size_t most = size_t{8} << (step / 512 % 8);
      const size_t size = 1 + stream.below(most < largest ? most : largest);
      const size_t cost = allocator::block_bytes({size, 1});
      if (count < blocks_most && live + cost <= limit && !stream.one_in(5)) {
        void* p = a.allocate(size, 1);
        ASSERT_NE(p, nullptr) << live << " live of " << limit << ", wanted " << size;
        blocks[count++] = {p, size};
        live += cost;
        peak = peak < live ? live : peak;
      } else if (count != 0) {
        const size_t i = stream.below(count);
        ASSERT_EQ(a.deallocate(blocks[i].p, blocks[i].size, 1), status::ok);
        live -= allocator::block_bytes({blocks[i].size, 1});
        blocks[i] = blocks[--count];
      }
    }
    EXPECT_GT(peak, limit - limit / 16) << "the load did not come near the limit";
    while (count != 0) {
      --count;
      ASSERT_EQ(a.deallocate(blocks[count].p, blocks[count].size, 1), status::ok);
    }
    expect_pristine(a, at_start);
  }
}

TEST_F(buddy_test, required_bytes_leave_room_for_the_bound_whatever_the_begin) {
  static buddy<4> four;
  static buddy<8> eight;
  static buddy<64> large;
  const auto holds = [](auto& a, size_t live, size_t largest, size_t align, size_t offset) {
    using allocator = detail::remove_reference_t<decltype(a)>;
    constexpr size_t unit = allocator::smallest_block;
    const size_t bytes = allocator::required_bytes(live, largest, unit, align);
    if (bytes > arena_bytes) {
      return;
    }
    ASSERT_EQ(a.init(memory.carve(offset, bytes)), status::ok)
        << unit << " " << live << " " << largest << " " << align << " " << offset;
    const size_t top = allocator::block_bytes({largest, 1});
    const size_t bound =
        engine::buddy_core::bound_units((live + unit - 1) / unit, top / unit) * unit;
    size_t room = 0;
    while (a.allocate(top, 1) != nullptr) {
      room += top;
    }
    EXPECT_GE(room, bound) << "smallest " << unit << " live " << live << " largest " << largest
                           << " align " << align << " offset " << offset;
    EXPECT_TRUE(memory.guards_intact());
  };
  const size_t most = on_host ? 60'000 : 2'000;
  for (size_t live = 8; live < most; live += 1 + live / (on_host ? 7 : 3)) {
    for (size_t largest = 4; largest <= live; largest *= 4) {
      // 64 is the best alignment that the test's memory has.
      constexpr size_t aligns[] = {1, 4, 16, 64};
      for (const size_t align : aligns) {
        const size_t offset = align == 64 ? 0 : align;
        holds(four, live, largest, align, offset);
        if (largest >= 8) {
          holds(eight, live, largest, align, offset);
        }
        if (largest >= 64) {
          holds(large, live, largest, align, offset);
        }
        if (HasFailure()) {
          return;
        }
      }
    }
  }
}

TEST_F(buddy_test, a_region_of_half_of_the_addresses_is_too_large) {
  // Refused before anything is written: there is no such memory.
  static buddy<16> a;
  constexpr size_t quarter = SIZE_MAX / 4 + 1;
  EXPECT_EQ(a.init({reinterpret_cast<void*>(uintptr_t{4096}), 2 * quarter}),
            status::region_too_large);
  // From its begin rounded down to the alignment that its size promises.
  EXPECT_EQ(a.init({reinterpret_cast<void*>(uintptr_t{2 * quarter - 4096}), quarter + 4096}),
            status::region_too_large);
  EXPECT_EQ(a.allocate(16), nullptr);
}

TEST_F(buddy_test, required_bytes_refuse_what_cannot_be) {
  using allocator = buddy<16>;
  EXPECT_EQ(allocator::required_bytes(SIZE_MAX, 16), SIZE_MAX);
  EXPECT_EQ(allocator::required_bytes(1024, SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(allocator::required_bytes(1024, 16, 32), SIZE_MAX);
  static_assert(allocator::block_bytes({SIZE_MAX / 2 + 1, 1}) == SIZE_MAX / 2 + 1);
  static_assert(allocator::block_bytes({SIZE_MAX / 2 + 2, 1}) == 0);
  static_assert(allocator::block_bytes({SIZE_MAX, 1}) == 0);
  static_assert(allocator::required_bytes(1024, 128) < 4 * 1024 + 1024);
}

}  // namespace
}  // namespace acre::test
