// SPDX-License-Identifier: MIT
// The proved bound: in a region of required_bytes() a heap can't be brought to run out.
#include "heap_fixture.hpp"
#include "support/report.hpp"

namespace acre::test {
namespace {

template <class Heap>
class heap_bound : public heap_fixture<Heap> {};

TYPED_TEST_SUITE(heap_bound, heaps, heap_names);

struct entry {
  void* p;
  uint16_t size;
};
entry entries[blocks_max];

template <class Heap>
class adversary {
 public:
  adversary(Heap& a, size_t limit) : a_(a), limit_(limit) {}

  /// Allocates blocks of `size` until the limit is reached: null is never an answer.
  void fill(size_t size) {
    const size_t cost = Heap::block_bytes({size, 1});
    while (live_ + cost <= limit_ && count_ < blocks_max) {
      void* p = a_.allocate(size, 1);
      ASSERT_NE(p, nullptr) << live_ << " of " << limit_ << " bytes are live, wanted " << size;
      highest_ = detail::max_of(
          highest_, reinterpret_cast<uintptr_t>(p) + size - test_memory.lent().address());
      entries[count_++] = {p, static_cast<uint16_t>(size)};
      live_ += cost;
    }
  }
  /// Gives back all blocks but those for which keep(index in the order of addresses) is true.
  template <class Keep>
  void free_but(Keep&& keep) {
    for (size_t i = 1; i < count_; ++i) {  // nearly sorted
      for (size_t k = i; k != 0 && entries[k].p < entries[k - 1].p; --k) {
        const entry swap = entries[k];
        entries[k] = entries[k - 1];
        entries[k - 1] = swap;
      }
    }
    size_t kept = 0;
    for (size_t i = 0; i < count_; ++i) {
      if (keep(i)) {
        entries[kept++] = entries[i];
      } else {
        live_ -= Heap::block_bytes({entries[i].size, 1});
        ASSERT_EQ(a_.deallocate(entries[i].p, entries[i].size, 1), status::ok);
      }
    }
    count_ = kept;
  }
  [[nodiscard]] size_t highest() const {
    return highest_;
  }
  [[nodiscard]] size_t count() const {
    return count_;
  }

 private:
  Heap& a_;
  size_t limit_;
  size_t live_ = 0;
  size_t count_ = 0;
  size_t highest_ = 0;
};

TYPED_TEST(heap_bound, a_region_of_required_bytes_withstands_every_adversary) {
  auto& a = TestFixture::subject;
  struct load {
    size_t live;
    size_t largest;
    size_t smallest;
  };
  constexpr load loads[] = {
    {400, 64, 32},
    {600, 100, 20},
    {640, 128, 1},
#if defined(ACRE_TEST_HOST)
    {2000, 64, 30},
    {2000, 200, 1},
    {4000, 64, 8},
    {3000, 500, 100},
    {1500, 1000, 150},
    {6000, 200, 100}
#endif
  };
  uint32_t run = 0;
  size_t tightest = 0;
  for (const load& l : loads) {
    const size_t bytes = TypeParam::required_bytes(l.live, l.largest, l.smallest, unit);
    if (bytes > region_bytes) {
      continue;
    }
    size_t most = 0;
    for (size_t keep = 2; keep < 9; ++keep) {
      for (int way = 0; way < 3; ++way) {
        current_step = run++;
        ASSERT_EQ(a.init(test_memory.carve(0, bytes)), status::ok);
        adversary<TypeParam> enemy(a, l.live);
        random stream(static_cast<uint32_t>(keep));
        const auto keeps = [&](size_t i) {
          return way == 2 ? stream.one_in(static_cast<uint32_t>(keep)) : i % keep == 0;
        };
        for (size_t size = l.smallest; size <= l.largest;
             size = way == 0 ? 2 * size : size + unit) {
          ASSERT_NO_FATAL_FAILURE(enemy.fill(size));
          ASSERT_NO_FATAL_FAILURE(enemy.free_but(keeps));
        }
        ASSERT_NO_FATAL_FAILURE(enemy.fill(l.largest));
        ASSERT_EQ(a.validate(), status::ok);
        most = detail::max_of(most, enemy.highest());
        ASSERT_NO_FATAL_FAILURE(enemy.free_but([](size_t) { return false; }));
        EXPECT_EQ(a.usage().blocks_in_use, 0U);
      }
    }
    EXPECT_LE(most, bytes);
    EXPECT_GT(most, l.live) << "the adversary is none";
    tightest = detail::max_of(tightest, most * 100 / bytes);
    print_line("  ", uint64_t{l.live}, " bytes live, blocks of ", uint64_t{l.smallest}, " to ",
               uint64_t{l.largest}, ": highest address ", uint64_t{most}, ", region ",
               uint64_t{bytes});
  }
  EXPECT_GT(run, 0U);
  EXPECT_GT(tightest, 80U) << "the bound is far above what anything needs";
}

TYPED_TEST(heap_bound, required_bytes_refuse_what_cannot_be) {
  EXPECT_EQ(TypeParam::required_bytes(SIZE_MAX, 16), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes(1024, SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes(1024, 16, 32), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes(TypeParam::max_bytes, 16, 16), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes_for({SIZE_MAX, 1}), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes_for({1, 3}), SIZE_MAX);
  EXPECT_EQ(TypeParam::required_bytes_for({1, SIZE_MAX / 2 + 1}), SIZE_MAX);
}

TYPED_TEST(heap_bound, a_region_of_required_bytes_for_a_layout_serves_it_wherever_it_begins) {
  auto& a = TestFixture::subject;
  for (size_t align = 1; align <= 256; align *= 4) {
    for (size_t size = 1; size < 500; size += 37) {
      const size_t bytes = TypeParam::required_bytes_for({size, align});
      for (size_t offset = 0; offset < 64; offset += 5) {
        ASSERT_EQ(a.init(test_memory.carve(offset, bytes)), status::ok);
        ASSERT_NE(a.allocate(size, align), nullptr)
            << size << " aligned to " << align << " in " << bytes << " at " << offset;
      }
    }
  }
}

}  // namespace
}  // namespace acre::test
