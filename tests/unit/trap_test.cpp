// SPDX-License-Identifier: MIT
// Corruption that an allocator meets while it works: the hook is told, and then the program traps.
// Host only: a trap needs a process of its own.
#include <gtest/gtest.h>

#include "support/guarded_memory.hpp"

#include <acre/buddy.hpp>
#include <acre/fault.hpp>
#include <acre/heap.hpp>
#include <acre/pool.hpp>
#include <acre/slab.hpp>

#include <stdio.h>

namespace acre::test {
namespace {

guarded_memory<4096> memory;

using full = policies<no_lock, checks_full, no_observer>;

class trap_test : public ::testing::Test {
 protected:
  trap_test() : previous_(set_fault_hook(&tell)) {
    ::testing::FLAGS_gtest_death_test_style = "fast";
  }
  ~trap_test() override {
    set_fault_hook(previous_);
  }

 private:
  static void tell(const fault& told) noexcept {
    fprintf(stderr, "told %s\n", told.code == status::corrupted ? "corrupted" : "something else");
  }
  fault_hook previous_;
};

/// Allocates until null: what was written after its free must turn up.
template <class A>
void drain(A& a, size_t size) {
  while (a.allocate(layout{size, 1}) != nullptr) {
  }
}

template <class A>
void die_of_a_write_after_free(A& a, size_t size) {
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  auto* kept = static_cast<unsigned char*>(a.allocate(layout{size, 1}));
  auto* p = static_cast<unsigned char*>(a.allocate(layout{size, 1}));
  auto* other = static_cast<unsigned char*>(a.allocate(layout{size, 1}));
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(a.deallocate(other, layout{size, 1}), status::ok);
  EXPECT_EQ(a.deallocate(p, layout{size, 1}), status::ok);
  for (size_t i = 0; i < size; i += i + 9 < size ? 3 : 1) {
    p[i] ^= 0x40;
    EXPECT_DEATH(drain(a, size), "told corrupted") << "byte " << i;
    p[i] ^= 0x40;
  }
  drain(a, size);  // all is as it was
}

TEST_F(trap_test, a_write_after_free_is_told_and_traps_when_a_pool_hands_the_block_out) {
  static pool<40, full> a;
  die_of_a_write_after_free(a, 40);
}

TEST_F(trap_test, a_write_after_free_is_told_and_traps_when_a_slab_hands_the_object_out) {
  static slab<size_classes<24, 64>, full, 512> a;
  die_of_a_write_after_free(a, 24);
}

TEST_F(trap_test, a_write_after_free_is_told_and_traps_when_a_buddy_hands_the_block_out) {
  static buddy<16, full> a;
  die_of_a_write_after_free(a, 48);
}

TEST_F(trap_test, a_write_into_a_slab_that_was_given_back_is_told_and_traps) {
  static slab<size_classes<24, 64>, full, 512> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  auto* p = static_cast<unsigned char*>(a.allocate(layout{24, 1}));
  EXPECT_EQ(a.deallocate(p, layout{24, 1}), status::ok);  // the slab is empty now
  p[12] ^= 0x40;
  EXPECT_DEATH(drain(a, 24), "told corrupted");
}

/// Delays interrupts, and one comes when it is free.
struct visited_lock {
  static constexpr bool delays_interrupts = true;
  static inline void (*visitor)() = nullptr;

  void lock() noexcept {}
  void unlock() noexcept {
    if (auto* const once = visitor; once != nullptr) {
      visitor = nullptr;
      once();
    }
  }
};

TEST_F(trap_test, a_second_free_of_what_is_just_being_cut_is_told_and_traps) {
  static heap<4096, policies<visited_lock, checks_basic, no_observer>> a;
  static void* stale;
  ASSERT_EQ(a.init(memory.carve(0, 4096)), status::ok);
  stale = a.allocate(size_t{200});
  ASSERT_EQ(a.deallocate(stale), status::ok);
  // The heap uses the address for the block that it will cut, so that it cannot refuse.
  visited_lock::visitor = [] { static_cast<void>(a.deallocate(stale)); };
  EXPECT_DEATH(static_cast<void>(a.allocate(24, 64)), "told corrupted");
}

TEST_F(trap_test, at_basic_a_write_after_free_goes_unseen) {
  static pool<40, policies<no_lock, checks_basic, no_observer>> a;
  ASSERT_EQ(a.init(memory.carve()), status::ok);
  auto* p = static_cast<unsigned char*>(a.allocate());
  EXPECT_EQ(a.deallocate(p), status::ok);
  p[30] ^= 0x40;
  EXPECT_EQ(a.allocate(), p) << "full is the level that looks";
}

}  // namespace
}  // namespace acre::test
