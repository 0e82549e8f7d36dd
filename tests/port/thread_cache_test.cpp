// SPDX-License-Identifier: MIT
// A cache in one thread: what is handed out, kept, refused and given back, in front of each allocator; and what a
// source that fails leaves behind. cache_threads_test has the rest.
#include <acre/allocator_ref.hpp>
#include <acre/growing.hpp>
#include <acre/typed.hpp>

#include <set>
#include <thread>
#include <vector>

#include "cache_kinds.hpp"
#include "support/fault_recorder.hpp"
#include "support/random.hpp"

namespace acre::test {
namespace {

template <class Region>
class thread_cache_of : public ::testing::Test {};
using kinds =
    ::testing::Types<heap_region<checks_none>, heap_region<checks_basic>, heap_region<checks_full>,
                     cached_region<pool<48, unlocked<checks_none>>>,
                     cached_region<pool<48, unlocked<checks_basic>>>,
                     cached_region<pool<20, unlocked<checks_full>>>,
                     cached_region<pool<100, unlocked<checks_basic>, 4>>,
                     cached_region<lockfree_pool<64, checks_basic>>,
                     cached_region<pool<40000, unlocked<checks_basic>>>,
                     cached_region<slab<large_size_classes, unlocked<checks_basic>, 4096>>,
                     cached_region<slab<large_size_classes, unlocked<checks_none>, 4096>>,
                     cached_region<buddy<16, unlocked<checks_basic>>>>;
TYPED_TEST_SUITE(thread_cache_of, kinds);

/// A request that the allocator serves; of all sizes where it has all.
template <class Region>
layout some_layout(test::random& numbers) {
  using memory = decltype(Region::memory);
  if constexpr (requires { memory::block_alignment; }) {
    return {numbers.below(memory::block_bytes + 1), 1};
  } else if constexpr (requires { memory::slab_bytes; }) {
    return {numbers.below(513), size_t{1} << numbers.below(4)};
  } else {
    return {numbers.below(numbers.below(8) == 0 ? 20000 : 600), size_t{1} << numbers.below(8)};
  }
}

struct kept_block {
  unsigned char* begin;
  layout given;

  [[nodiscard]] size_t size() const {
    return given.size == 0 ? 1 : given.size;
  }
};

TYPED_TEST(thread_cache_of, hands_out_blocks_that_do_not_overlap_and_takes_them_back) {
  TypeParam subject;
  test::random numbers(1);
  std::vector<kept_block> blocks;
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 400; ++i) {
      const layout wanted = some_layout<TypeParam>(numbers);
      auto* const block = static_cast<unsigned char*>(subject.cache.allocate(wanted));
      if (block == nullptr) {
        break;
      }
      ASSERT_EQ(reinterpret_cast<uintptr_t>(block) % wanted.align, 0U);
      ASSERT_TRUE(subject.cache.owns(block));
      blocks.push_back({block, wanted});
      memset(block, static_cast<int>(blocks.size()), blocks.back().size());
    }
    ASSERT_EQ(subject.cache.usage().blocks_in_use, blocks.size());
    ASSERT_EQ(subject.cache.validate(), status::ok);
    std::set<std::pair<unsigned char*, unsigned char*>> places;
    for (size_t i = 0; i < blocks.size(); ++i) {
      const kept_block& each = blocks[i];
      ASSERT_EQ(each.begin[0], static_cast<unsigned char>(i + 1));
      ASSERT_EQ(each.begin[each.size() - 1], static_cast<unsigned char>(i + 1));
      places.insert({each.begin, each.begin + each.size()});
    }
    const unsigned char* end = nullptr;
    for (const auto& [begin, behind] : places) {
      ASSERT_GE(begin, end);
      end = behind;
    }
    for (const kept_block& each : blocks) {
      ASSERT_EQ(subject.cache.deallocate(each.begin, each.given), status::ok);
    }
    blocks.clear();
    ASSERT_EQ(subject.cache.usage().blocks_in_use, 0U);
  }
  subject.expect_nothing_lost();
}

TYPED_TEST(thread_cache_of, keeps_no_more_than_it_says) {
  TypeParam subject;
  const layout wanted{16, 1};
  std::vector<void*> blocks;
  while (blocks.size() < 20000) {
    void* const block = subject.cache.allocate(wanted);
    if (block == nullptr) {
      break;
    }
    blocks.push_back(block);
  }
  for (void* const block : blocks) {
    ASSERT_EQ(subject.cache.deallocate(block, wanted), status::ok);
  }
  const auto counts = subject.cache.counts();
  EXPECT_LE(counts.cached_bytes,
            subject.cache.kept_bytes_max(wanted) + subject.cache.depot_bytes_max(wanted));
  EXPECT_GT(counts.cached_blocks, 0U);
  subject.cache.flush();
  EXPECT_LE(subject.cache.counts().cached_bytes, subject.cache.depot_bytes_max(wanted));
  subject.expect_nothing_lost();
}

TYPED_TEST(thread_cache_of, serves_most_calls_from_the_thread) {
  TypeParam subject;
  const layout wanted{16, 1};
  for (int i = 0; i < 1000; ++i) {
    void* const block = subject.cache.allocate(wanted);
    ASSERT_NE(block, nullptr);
    ASSERT_EQ(subject.cache.deallocate(block, wanted), status::ok);
  }
  const auto counts = subject.cache.counts();
  EXPECT_EQ(counts.allocations, 1000U);
  EXPECT_EQ(counts.misses, 1U);
  EXPECT_EQ(counts.remote_frees, 0U);
  EXPECT_DOUBLE_EQ(counts.hit_rate(), 0.999);
  EXPECT_EQ(counts.threads, 1U);
}

// The source gives metadata only: a null is allowed, nothing may be lost or handed out twice.
TYPED_TEST(thread_cache_of, loses_nothing_where_the_source_fails) {
  bool succeeded = false;
  for (uint64_t n = 1; !succeeded; ++n) {
    ASSERT_LT(n, 100U);
    TypeParam subject(size_t{1} << 20);
    subject.cache.source().fail_at(n);
    test::random numbers(3);
    std::vector<kept_block> blocks;
    size_t failures = 0;
    for (int i = 0; i < 2000 && failures < 2; ++i) {
      const layout wanted = some_layout<TypeParam>(numbers);
      void* const block = subject.cache.allocate(wanted);
      failures += block == nullptr ? 1 : 0;
      if (block != nullptr) {
        blocks.push_back({static_cast<unsigned char*>(block), wanted});
      }
      if (block == nullptr || i % 100 == 0) {
        ASSERT_EQ(subject.cache.usage().blocks_in_use, blocks.size());
      }
    }
    succeeded = subject.cache.source().calls() < n;
    for (const kept_block& each : blocks) {
      ASSERT_EQ(subject.cache.deallocate(each.begin, each.given), status::ok);
    }
    subject.expect_nothing_lost();
  }
}

TYPED_TEST(thread_cache_of, works_without_any_metadata_or_is_exhausted) {
  TypeParam subject;
  subject.cache.source().fail_always(true);
  const layout wanted{16, 1};
  void* const block = subject.cache.allocate(wanted);
  EXPECT_EQ(block == nullptr, TypeParam::checked) << "checks need words";
  EXPECT_EQ(subject.cache.deallocate(block, wanted), status::ok);
  EXPECT_EQ(subject.memory.usage().blocks_in_use, 0U);
  subject.cache.source().fail_always(false);
  void* const other = subject.cache.allocate(wanted);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(subject.cache.deallocate(other, wanted), status::ok);
  subject.expect_nothing_lost();
}

TYPED_TEST(thread_cache_of, refuses_every_bad_free) {
  if constexpr (!TypeParam::checked) {
    GTEST_SKIP() << "level none trusts its caller";
  } else {
    const fault_recorder faults;
    TypeParam subject;
    auto& cache = subject.cache;
    const layout wanted{16, 1};
    auto* const block = static_cast<unsigned char*>(cache.allocate(wanted));
    ASSERT_NE(block, nullptr);
    unsigned char foreign[64];
    const auto expect = [&](void* p, status code) {
      const uint32_t told = fault_recorder::total();
      EXPECT_EQ(cache.deallocate(p, wanted), code);
      EXPECT_EQ(fault_recorder::total(), told + 1);
      EXPECT_EQ(fault_recorder::last().address, p);
      EXPECT_NE(fault_recorder::last().call_site, nullptr);
    };
    EXPECT_EQ(cache.deallocate(nullptr, wanted), status::ok);
    expect(hidden(&foreign[32]), status::foreign_pointer);
    expect(reinterpret_cast<void*>(UINTPTR_MAX - 15), status::foreign_pointer);
    expect(hidden(block + 1), status::misaligned_pointer);
    EXPECT_EQ(cache.deallocate(block, {SIZE_MAX, 1}), status::wrong_size);
    EXPECT_EQ(cache.deallocate(block, {16, 2 * cache.granule}), status::wrong_size);
    EXPECT_TRUE(cache.is_live(block, wanted));
    EXPECT_FALSE(cache.is_live(block, {SIZE_MAX, 1}));
    EXPECT_EQ(cache.deallocate(block, wanted), status::ok);
    EXPECT_FALSE(cache.is_live(block, wanted));
    expect(block, status::double_free);
    cache.flush();
    expect(block, status::double_free);
    cache.trim();
    expect(block, status::double_free);
    EXPECT_EQ(cache.usage().blocks_in_use, 0U);
    subject.expect_nothing_lost();
  }
}

TEST(thread_cache, tells_its_classes_and_what_is_larger_apart) {
  const fault_recorder faults;
  heap_region<> subject;
  auto& cache = subject.cache;
  void* const small = cache.allocate({40, 8});
  void* const large = cache.allocate({5000, 8});
  void* const aligned = cache.allocate({40, 64});
  ASSERT_TRUE(small != nullptr && large != nullptr && aligned != nullptr);
  EXPECT_EQ(cache.counts().allocations, 1U);
  EXPECT_EQ(cache.deallocate(small, {60, 8}), status::wrong_size);
  EXPECT_EQ(cache.deallocate(small, {5000, 8}), status::wrong_size);
  EXPECT_EQ(cache.deallocate(hidden(static_cast<char*>(small) + 16), {40, 8}),
            status::interior_pointer);
  EXPECT_EQ(cache.deallocate(hidden(static_cast<char*>(large) + 16), {40, 8}),
            status::interior_pointer);
  EXPECT_EQ(cache.deallocate(large, {40, 8}), status::wrong_size);
  EXPECT_EQ(cache.deallocate(large, {6000, 8}), status::wrong_size);
  EXPECT_EQ(cache.deallocate(aligned, {40, 8}), status::wrong_size);
  EXPECT_TRUE(cache.is_live(large, {5000, 8}));
  EXPECT_TRUE(cache.is_live(aligned, {40, 64}));
  EXPECT_FALSE(cache.is_live(small, {60, 8}));
  EXPECT_EQ(cache.deallocate(small, {33, cache.granule}), status::ok) << "of the same class";
  EXPECT_EQ(cache.deallocate(small, {5000, 8}), status::double_free);
  EXPECT_EQ(cache.deallocate(large, {5000, 8}), status::ok);
  EXPECT_EQ(cache.deallocate(large, {5000, 8}), status::double_free);
  EXPECT_EQ(cache.deallocate(aligned, {40, 64}), status::ok);
  subject.expect_nothing_lost();
}

template <slab_metadata Metadata, class Classes>
void expect_kept(layout wanted) {
  cached_region<slab<Classes, unlocked<checks_basic>, 4096, Metadata>> subject;
  EXPECT_EQ(subject.cache.granule, wanted.align);
  void* const block = subject.cache.allocate(wanted);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(subject.cache.counts().allocations, 1U) << "not the allocator's, under the lock";
  EXPECT_EQ(subject.cache.deallocate(block, wanted), status::ok);
  EXPECT_GT(subject.cache.counts().cached_blocks, 0U);
  subject.expect_nothing_lost();
}

TEST(thread_cache, keeps_blocks_with_the_alignment_that_all_of_a_slab_have) {
  expect_kept<slab_metadata::in_slab, large_size_classes>({48});
  expect_kept<slab_metadata::out_of_band, large_size_classes>({48, 16});
  expect_kept<slab_metadata::in_slab, small_size_classes>({24, 8});
  expect_kept<slab_metadata::out_of_band, size_classes<64, 128, 192>>({192, 64});
}

TEST(thread_cache, finds_writes_to_free_blocks_at_full) {
  heap_region<checks_full> subject;
  void* const block = subject.cache.allocate({64, 8});
  ASSERT_NE(block, nullptr);
  ASSERT_EQ(subject.cache.deallocate(block, {64, 8}), status::ok);
  EXPECT_DEATH(
      {
        static_cast<unsigned char*>(hidden(block))[63] = 0;
        static_cast<void>(subject.cache.allocate({64, 8}));
      },
      "");
  EXPECT_DEATH(
      {
        static_cast<unsigned char*>(hidden(block))[63] = 0;
        subject.cache.trim();
      },
      "");
}

TEST(thread_cache, gives_what_it_keeps_back_before_it_is_exhausted) {
  heap_region<> subject(size_t{1} << 20);
  auto& cache = subject.cache;
  std::vector<void*> blocks;
  while (void* const block = cache.allocate({64, 8})) {
    blocks.push_back(block);
  }
  for (void* const block : blocks) {
    ASSERT_EQ(cache.deallocate(block, {64, 8}), status::ok);
  }
  EXPECT_GT(cache.counts().cached_bytes, 250'000U);
  // Of another class, and of none. There is not room for both and what was kept.
  void* const other = cache.allocate({2048, 8});
  void* const most = cache.allocate({700'000, 8});
  EXPECT_NE(other, nullptr);
  EXPECT_NE(most, nullptr);
  EXPECT_EQ(cache.allocate({700'000, 8}), nullptr);
  EXPECT_EQ(cache.deallocate(other, {2048, 8}), status::ok);
  EXPECT_EQ(cache.deallocate(most, {700'000, 8}), status::ok);
  subject.expect_nothing_lost();
}

TEST(thread_cache, grows_and_gives_back_with_what_is_behind_it) {
  using memory = growing<heap<(size_t{16} << 20), unlocked<checks_basic>>, counted_source>;
  memory behind;
  hosted::thread_cache<memory, detail::general_sizes, checks_basic, counted_source> cache(behind);
  const fault_recorder faults;
  std::vector<void*> blocks;
  for (int i = 0; i < 5000; ++i) {
    blocks.push_back(cache.allocate({200, 8}));
    ASSERT_NE(blocks.back(), nullptr);
  }
  for (void* const block : blocks) {
    ASSERT_EQ(cache.deallocate(block, {200, 8}), status::ok);
  }
  EXPECT_GT(behind.source().regions_out(), 1U);
  EXPECT_GT(cache.trim(), 0U);
  EXPECT_EQ(behind.source().regions_out(), 0U);
  EXPECT_EQ(cache.deallocate(blocks[0], {200, 8}), status::foreign_pointer)
      << "its memory is the source's";
  // Addresses that come again.
  for (void*& block : blocks) {
    block = cache.allocate({200, 8});
    ASSERT_NE(block, nullptr);
  }
  EXPECT_EQ(cache.validate(), status::ok);
  for (void* const block : blocks) {
    ASSERT_EQ(cache.deallocate(block, {200, 8}), status::ok);
  }
  EXPECT_EQ(cache.deallocate(blocks[0], {200, 8}), status::double_free);
  cache.release_all();
  behind.release_all();
  EXPECT_EQ(behind.source().regions_out() + cache.source().regions_out(), 0U);
}

TEST(thread_cache, is_an_allocator_as_all_others) {
  using cache_type = heap_region<>::cache_type;
  static_assert(owning_allocator<cache_type> && measurable_allocator<cache_type> &&
                auditable_allocator<cache_type> && liveness_checking_allocator<cache_type>);
  static constinit heap<4096, unlocked<checks_basic>> memory;
  static constinit hosted::thread_cache cache(memory);
  EXPECT_EQ(cache.allocate({16, 8}), nullptr) << "there is no region yet";

  heap_region<> subject;
  allocator_ref any(subject.cache);
  double* const one = construct<double>(any, 4.5);
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(destroy(any, one), status::ok);
  const layout invalid[] = {{SIZE_MAX, 1}, {16, 3}, {16, 0}};
  for (const layout& wanted : invalid) {
    EXPECT_EQ(any.allocate(wanted), nullptr);
  }
  subject.expect_nothing_lost();
}

TEST(thread_cache, works_under_its_lock_where_no_slot_is_left) {
  const port::thread_hooks hooks{};
  std::vector<port::thread_slot> taken(config::thread_slots);
  for (port::thread_slot& slot : taken) {
    static_cast<void>(slot.open(hooks, nullptr));
  }
  heap_region<> subject;
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) {
    blocks.push_back(subject.cache.allocate({100, 8}));
    ASSERT_NE(blocks.back(), nullptr);
  }
  EXPECT_EQ(subject.cache.counts().threads, 0U);
  EXPECT_EQ(subject.cache.usage().blocks_in_use, 1000U);
  for (void* const block : blocks) {
    ASSERT_EQ(subject.cache.deallocate(block, {100, 8}), status::ok);
  }
  subject.expect_nothing_lost();
  for (port::thread_slot& slot : taken) {
    slot.close();
  }
}

// What the table of stretches holds grows several times: 64 MiB, a block in each page.
TEST(thread_cache, finds_its_blocks_however_many_stretches_there_are) {
  heap_region<> subject(size_t{64} << 20);
  const fault_recorder faults;
  std::vector<void*> blocks;
  std::vector<void*> between;
  while (void* const block = subject.cache.allocate({64, 8})) {
    blocks.push_back(block);
    void* const far = subject.cache.allocate({100'000, 8});
    if (far == nullptr) {
      break;
    }
    between.push_back(far);
  }
  EXPECT_GT(between.size(), 500U);
  for (void* const block : blocks) {
    ASSERT_EQ(subject.cache.deallocate(block, {64, 8}), status::ok);
    ASSERT_EQ(subject.cache.deallocate(block, {64, 8}), status::double_free);
  }
  for (void* const far : between) {
    ASSERT_EQ(subject.cache.deallocate(far, {100'000, 8}), status::ok);
  }
  subject.expect_nothing_lost();
}

}  // namespace
}  // namespace acre::test
