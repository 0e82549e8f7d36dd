// SPDX-License-Identifier: MIT
// std_allocator by itself: the requirements on allocators, and exhaustion.
#include <acre/port/std_allocator.hpp>

#include <acre/arena.hpp>
#include <acre/heap.hpp>
#include <acre/pool.hpp>
#include <acre/port/allocator_source.hpp>
#include <acre/port/default_memory.hpp>
#include "support/fault_recorder.hpp"

#include <gtest/gtest.h>

#include <csetjmp>
#include <memory>
#include <type_traits>
#include <vector>

namespace acre::test {

namespace {

template <class T>
using by_ref = std_allocator<T>;
template <class T>
using by_type = std_allocator<T, direct_ref<heap<>>>;
template <class T>
using by_default = allocator<T>;

template <class A>
constexpr bool has_allocator_traits() {
  using traits = std::allocator_traits<A>;
  using T = typename A::value_type;
  static_assert(std::is_same_v<typename traits::pointer, T*>);
  static_assert(std::is_same_v<typename traits::size_type, std::size_t>);
  static_assert(std::is_same_v<typename traits::difference_type, std::ptrdiff_t>);
  static_assert(!traits::propagate_on_container_copy_assignment::value);
  static_assert(traits::propagate_on_container_move_assignment::value);
  static_assert(traits::propagate_on_container_swap::value);
  static_assert(std::is_nothrow_copy_constructible_v<A> && std::is_nothrow_copy_assignable_v<A>);
  static_assert(std::is_nothrow_move_constructible_v<A> && std::is_nothrow_destructible_v<A>);
  using rebound = typename traits::template rebind_alloc<double>;
  static_assert(std::is_same_v<typename rebound::value_type, double>);
  static_assert(
      std::is_same_v<typename std::allocator_traits<rebound>::template rebind_alloc<T>, A>);
  static_assert(std::is_nothrow_constructible_v<rebound, const A&>);
  static_assert(std::is_nothrow_constructible_v<rebound, A&&>);
  return true;
}
static_assert(has_allocator_traits<by_ref<int>>());
static_assert(has_allocator_traits<by_type<int>>());
static_assert(has_allocator_traits<by_default<int>>());

static_assert(sizeof(by_ref<int>) == 2 * sizeof(void*) && sizeof(by_type<int>) == sizeof(void*));
static_assert(!by_ref<int>::is_always_equal::value && !by_type<int>::is_always_equal::value);
static_assert(by_default<int>::is_always_equal::value && std::is_empty_v<by_default<int>>);
static_assert(sizeof(std::vector<int, by_default<int>>) == sizeof(std::vector<int>));

// Who forgets the memory does not get a program that is always out of memory.
static_assert(!std::is_default_constructible_v<by_ref<int>>);
static_assert(!std::is_default_constructible_v<by_type<int>>);
static_assert(std::is_default_constructible_v<by_default<int>>);

// A reference is made from an allocator, an array of an allocator is not.
static_assert(std::is_convertible_v<heap<>&, by_ref<int>>);
static_assert(std::is_convertible_v<heap<>&, by_type<int>>);
static_assert(!std::is_convertible_v<pool<64>&, by_type<int>>);
static_assert(!std::is_convertible_v<heap<>&, by_default<int>>);
static_assert(!std::is_convertible_v<by_ref<int>, by_type<int>>);

class std_allocator_of : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(first_.init(first_memory_), status::ok);
    ASSERT_EQ(second_.init(second_memory_), status::ok);
  }
  void TearDown() override {
    EXPECT_EQ(first_.usage().blocks_in_use, 0U);
    EXPECT_EQ(second_.usage().blocks_in_use, 0U);
  }

  static_region<8192> first_memory_;
  static_region<8192> second_memory_;
  heap<> first_;
  heap<> second_;
};

TEST_F(std_allocator_of, a_block_is_an_array_and_goes_back) {
  by_ref<double> a(first_);
  double* p = a.allocate(10);
  EXPECT_TRUE(first_.owns(p));
  EXPECT_EQ(first_.usage().blocks_in_use, 1U);
  p[9] = 1.0;
  a.deallocate(p, 10);
}

TEST_F(std_allocator_of, none_is_a_block_as_well) {
  by_ref<double> a(first_);
  double* p = a.allocate(0);
  EXPECT_NE(p, nullptr);
  a.deallocate(p, 0);
}

TEST_F(std_allocator_of, equal_iff_it_is_the_same_memory) {
  const by_ref<int> a(first_);
  const by_ref<int> b(second_);
  EXPECT_TRUE(a == by_ref<int>(first_) && a != b);
  EXPECT_TRUE(a == by_ref<double>(a) && by_ref<double>(a) != b);
  EXPECT_TRUE(by_ref<int>(by_ref<double>(a)) == a);
  EXPECT_TRUE(by_type<int>(first_) == by_type<double>(first_) &&
              by_type<int>(first_) != by_type<int>(second_));
  EXPECT_TRUE(by_default<int>() == by_default<double>());
}

TEST_F(std_allocator_of, what_one_allocates_its_equal_gives_back) {
  by_ref<long> a(first_);
  std::allocator_traits<by_ref<long>>::rebind_alloc<char> other(a);
  by_ref<long> back(other);
  back.deallocate(a.allocate(3), 3);
}

TEST_F(std_allocator_of, a_copy_for_a_container_is_the_same_memory) {
  const by_ref<int> a(first_);
  EXPECT_TRUE(std::allocator_traits<by_ref<int>>::select_on_container_copy_construction(a) == a);
}

template <size_t Align>
struct alignas(Align) aligned_to {
  unsigned char byte;
};

TEST_F(std_allocator_of, over_aligned_types_are_aligned) {
  const auto check = [this]<size_t Align>(aligned_to<Align>*) {
    by_ref<aligned_to<Align>> a(first_);
    for (size_t before = 0; before < 3; ++before) {
      by_ref<char> odd(first_);
      char* in_front = odd.allocate(1 + 7 * before);
      aligned_to<Align>* p = a.allocate(2);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % Align, 0U) << Align;
      a.deallocate(p, 2);
      odd.deallocate(in_front, 1 + 7 * before);
    }
  };
  check(static_cast<aligned_to<1>*>(nullptr));
  check(static_cast<aligned_to<32>*>(nullptr));
  check(static_cast<aligned_to<64>*>(nullptr));
  check(static_cast<aligned_to<256>*>(nullptr));
  check(static_cast<aligned_to<1024>*>(nullptr));
}

TEST_F(std_allocator_of, the_largest_size_is_one_that_can_be_written_down) {
  EXPECT_EQ(by_ref<char>::max_size(), SIZE_MAX / 2);
  EXPECT_EQ(by_ref<int>::max_size(), SIZE_MAX / 2 / sizeof(int));
}

TEST_F(std_allocator_of, a_bad_free_is_told_to_the_fault_hook) {
  fault_recorder faults;
  by_ref<int> a(first_);
  by_ref<int> b(second_);
  int* p = a.allocate(4);
  b.deallocate(hidden(p), 4);
  EXPECT_EQ(faults.count(status::foreign_pointer), 1U);
  a.deallocate(hidden(p), 4000);
  EXPECT_EQ(faults.count(status::wrong_size), 1U);
  a.deallocate(p, 4);
  a.deallocate(hidden(p), 4);
  EXPECT_EQ(faults.count(status::double_free), 1U);
}

TEST_F(std_allocator_of, an_arena_grows_inside_another_allocator) {
  arena<policies<>, allocator_source<direct_ref<heap<>>>> inner(
      allocator_source<direct_ref<heap<>>>(first_, 512));
  region start = inner.source().acquire(512);
  ASSERT_EQ(inner.init(start), status::ok);
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(inner.allocate(100), nullptr);
  }
  EXPECT_GT(first_.usage().blocks_in_use, 3U);
  inner.reset();
  EXPECT_EQ(first_.usage().blocks_in_use, 1U);
  inner.source().release(start);
}

// --- exhaustion -----------------------------------------------------------------------------------

layout told;
int times_told = 0;

void remember(layout wanted) noexcept {
  told = wanted;
  ++times_told;
}

class exhaustion : public std_allocator_of {
 protected:
  exhaustion() : previous_(set_exhaustion_hook(&remember)) {
    times_told = 0;
  }
  ~exhaustion() override {
    EXPECT_EQ(set_exhaustion_hook(previous_), &remember);
  }

 private:
  exhaustion_hook previous_;
};

#if defined(__cpp_exceptions)

TEST_F(exhaustion, is_bad_alloc_and_changes_nothing) {
  by_ref<int> a(first_);
  EXPECT_THROW(static_cast<void>(a.allocate(100000)), std::bad_alloc);
  EXPECT_EQ(times_told, 1);
  EXPECT_EQ(told, layout::array_of<int>(100000));
  EXPECT_EQ(first_.usage().blocks_in_use, 0U);
}

TEST_F(exhaustion, of_a_size_that_overflows_is_bad_alloc) {
  by_ref<int> a(first_);
  EXPECT_THROW(static_cast<void>(a.allocate(SIZE_MAX)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(a.allocate(SIZE_MAX / sizeof(int) + 2)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(a.allocate(by_ref<int>::max_size())), std::bad_alloc);
}

TEST_F(exhaustion, leaves_a_container_as_it_was) {
  std::vector<int, by_ref<int>> v(first_);
  EXPECT_THROW(
      for (int i = 0;; ++i) { v.push_back(i); }, std::bad_alloc);
  ASSERT_GT(v.size(), 100U);
  for (size_t i = 0; i < v.size(); ++i) {
    EXPECT_EQ(v[i], static_cast<int>(i));
  }
  EXPECT_EQ(first_.validate(), status::ok);
}

#else

std::jmp_buf escape;

void leave(layout wanted) noexcept {
  remember(wanted);
  std::longjmp(escape, 1);
}

TEST_F(exhaustion, tells_the_hook_and_aborts) {
  by_ref<int> a(first_);
  EXPECT_DEATH(static_cast<void>(a.allocate(100000)), "");
  static_cast<void>(set_exhaustion_hook(nullptr));
  EXPECT_DEATH(static_cast<void>(a.allocate(SIZE_MAX)), "");
  static_cast<void>(set_exhaustion_hook(&remember));
}

TEST_F(exhaustion, need_not_return_from_the_hook) {
  by_ref<int> a(first_);
  static_cast<void>(set_exhaustion_hook(&leave));
  if (setjmp(escape) == 0) {
    static_cast<void>(a.allocate(100000));
    ADD_FAILURE() << "came back";
  }
  EXPECT_EQ(times_told, 1);
  EXPECT_EQ(told, layout::array_of<int>(100000));
  static_cast<void>(set_exhaustion_hook(&remember));
}

#endif

}  // namespace

}  // namespace acre::test
