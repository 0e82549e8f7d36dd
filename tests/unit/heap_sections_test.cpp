// SPDX-License-Identifier: MIT
// A heap under a lock that delays interrupts makes its longest calls in parts: whatever somebody else does
// with the heap between the parts, and however full it is.
#include "heap_fixture.hpp"
#include "support/random.hpp"

namespace acre::test {
namespace {

/// Somebody else may come each time that it is free.
class delaying_lock {
 public:
  static constexpr bool delays_interrupts = true;

  void lock() noexcept {
    EXPECT_FALSE(held);
    held = true;
    ++taken;
  }
  void unlock() noexcept {
    held = false;
    if (visitor != nullptr && !visiting) {
      visiting = true;
      visitor();
      visiting = false;
    }
  }

  static inline unsigned taken = 0;
  static inline void (*visitor)() = nullptr;

 private:
  static inline bool held = false;
  static inline bool visiting = false;
};

template <size_t MaxBytes, check_level Level, size_t SmallLimit>
using delaying_heap =
    heap<MaxBytes, policies<delaying_lock, checks<Level>, usage_counters>, SmallLimit>;

template <class Heap>
class heap_sections : public heap_fixture<Heap> {
 protected:
  using heap_fixture<Heap>::subject;

  static inline random* stream = nullptr;  // of the test that runs
  static inline void* visitors[8];

  void TearDown() override {
    delaying_lock::visitor = nullptr;
    heap_fixture<Heap>::TearDown();
  }
  static layout some_layout() {
    return {1 + stream->below(stream->one_in(4) ? 300 : 40),
            size_t{1} << stream->below(stream->one_in(2) ? 8 : 3)};
  }
  /// The times that the call takes the lock.
  template <class Call>
  static unsigned sections_of(Call&& call) {
    const unsigned before = delaying_lock::taken;
    call();
    return delaying_lock::taken - before;
  }
  static void expect_whole() {
    ASSERT_EQ(subject.validate(), status::ok);
    const usage used = subject.usage();
    EXPECT_EQ(used.blocks_in_use, subject.observer().read().blocks_in_use);
    EXPECT_EQ(used.bytes_in_use, subject.observer().read().bytes_in_use);
  }
  /// Takes or gives something, and finds the heap whole.
  static void visit() {
    ASSERT_EQ(subject.validate(), status::ok);
    void*& mine = visitors[stream->below(8)];
    if (mine == nullptr) {
      const layout wanted = some_layout();
      mine = subject.allocate(wanted);
      if (mine != nullptr) {
        EXPECT_EQ(reinterpret_cast<uintptr_t>(mine) % wanted.align, 0U);
      }
    } else {
      EXPECT_EQ(subject.deallocate(mine), status::ok);
      mine = nullptr;
    }
  }
};

template <check_level Level>
using delaying_slabs = delaying_heap<small_bytes, Level, 4 * unit>;
using delaying_heaps =
    ::testing::Types<delaying_heap<small_bytes, check_level::none, 0>,
                     delaying_heap<small_bytes, check_level::basic, 0>,
                     delaying_heap<small_bytes, check_level::full, 0>,
                     delaying_heap<wide_bytes, check_level::basic, 0>,
                     delaying_slabs<check_level::none>, delaying_slabs<check_level::basic>,
                     delaying_slabs<check_level::full>>;

struct delaying_heap_names {
  template <class Heap>
  static const char* GetName(int which) {
    constexpr const char* names[] = {"none",       "basic",       "full",      "wide_basic",
                                     "slabs_none", "slabs_basic", "slabs_full"};
    return names[which];
  }
};

TYPED_TEST_SUITE(heap_sections, delaying_heaps, delaying_heap_names);

TYPED_TEST(heap_sections, only_what_would_hold_the_lock_for_long_takes_it_several_times) {
  auto& a = TestFixture::subject;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin(8));
  void* p = nullptr;
  EXPECT_EQ(this->sections_of([&] { p = a.allocate(300); }), 1U);
  EXPECT_EQ(this->sections_of([&] { a.deallocate(p); }), 1U);
  EXPECT_EQ(this->sections_of([&] { p = a.allocate(40, 64); }), 4U) << "room, cut, front, tail";
  EXPECT_EQ(this->sections_of([&] { a.deallocate(p, 40, 64); }), 1U);
  EXPECT_EQ(this->sections_of([&] { p = a.allocate(region_bytes, 64); }), 1U);
  EXPECT_EQ(p, nullptr);
  static_assert(!interrupt_delaying_lock<no_lock> && interrupt_delaying_lock<delaying_lock> &&
                interrupt_delaying_lock<both<no_lock, delaying_lock>> &&
                !interrupt_delaying_lock<both<no_lock, no_lock>>);
  TestFixture::expect_whole();
}

TYPED_TEST(heap_sections, a_strict_alignment_takes_no_more_than_without_parts) {
  auto& a = TestFixture::subject;
  for (size_t align = 2 * unit; align <= 256; align *= 2) {
    for (size_t size = 0; size < 100; size += 7) {
      ASSERT_NO_FATAL_FAILURE(TestFixture::begin(8));
      void* const p = a.allocate(size, align);
      ASSERT_NE(p, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % align, 0U);
      EXPECT_LT(a.usage().bytes_in_use, TypeParam::block_bytes({size, align}) + 2 * unit);
      TestFixture::expect_whole();
      EXPECT_EQ(a.deallocate(p, size, align), status::ok);
      EXPECT_EQ(a.usage().blocks_in_use, 0U);
    }
  }
}

TYPED_TEST(heap_sections, a_call_that_finds_no_room_changes_nothing) {
  auto& a = TestFixture::subject;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin(8));
  while (a.allocate(100, 64) != nullptr) {
  }
  const usage before = a.usage();
  const size_t exhausted = a.observer().read().exhausted_count;
  EXPECT_EQ(a.allocate(100, 64), nullptr);
  EXPECT_EQ(a.allocate_at_least(100, 64).address, nullptr);
  EXPECT_TRUE(a.usage() == before);
  EXPECT_EQ(a.observer().read().exhausted_count, exhausted + 2);
  TestFixture::expect_whole();
}

TYPED_TEST(heap_sections, whoever_comes_in_between_finds_the_heap_whole) {
  auto& a = TestFixture::subject;
  random own;
  this->stream = &own;
  ASSERT_NO_FATAL_FAILURE(TestFixture::begin(8));
  for (void*& mine : this->visitors) {
    mine = nullptr;
  }
  constexpr size_t count = 12;
  struct held {
    void* address;
    layout wanted;
  } mine[count] = {};
  delaying_lock::visitor = &TestFixture::visit;
  for (uint32_t step = 0; step < random_steps; ++step) {
    held& one = mine[this->stream->below(count)];
    if (one.address != nullptr) {
      ASSERT_TRUE(holds_pattern(one.address, one.wanted.size, 5));
      ASSERT_EQ(a.deallocate(one.address, one.wanted), status::ok);
      one.address = nullptr;
    } else {
      one.wanted = TestFixture::some_layout();
      one.address = this->stream->one_in(8)
                        ? a.allocate_at_least(one.wanted.size, one.wanted.align).address
                        : a.allocate(one.wanted);
      if (one.address != nullptr) {
        ASSERT_EQ(reinterpret_cast<uintptr_t>(one.address) % one.wanted.align, 0U);
        fill_pattern(one.address, one.wanted.size, 5);
      }
    }
  }
  delaying_lock::visitor = nullptr;
  TestFixture::expect_whole();
  for (held& one : mine) {
    EXPECT_EQ(a.deallocate(one.address), status::ok);
  }
  for (void* other : this->visitors) {
    EXPECT_EQ(a.deallocate(other), status::ok);
  }
  EXPECT_EQ(a.usage().blocks_in_use, 0U);
  TestFixture::expect_whole();
}

}  // namespace
}  // namespace acre::test
