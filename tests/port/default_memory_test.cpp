// SPDX-License-Identifier: MIT
// default_memory: before the program has chosen, after it has, before main() and with threads.
#include <acre/port/default_memory.hpp>

#include <acre/heap.hpp>
#include "support/fault_recorder.hpp"

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace acre::test {

namespace {

using numbers = std::vector<int, allocator<int>>;
using words =
    std::map<int, std::basic_string<char, std::char_traits<char>, allocator<char>>, std::less<>,
             allocator<std::pair<
                 const int, std::basic_string<char, std::char_traits<char>, allocator<char>>>>>;

// Before main() and after it: nothing of the default memory may depend on an order of initialisation.
numbers before_main(100, 7);

size_t in_use() {
  return built_in_memory_usage().blocks_in_use;
}

TEST(default_memory, is_there_before_main) {
  EXPECT_EQ(before_main.size(), 100U);
  EXPECT_EQ(before_main[99], 7);
  EXPECT_TRUE(default_memory::owns(before_main.data()));
  EXPECT_GE(in_use(), 1U);
}

TEST(default_memory, grows_by_itself_until_the_program_has_chosen) {
  const usage before = built_in_memory_usage();
  {
    numbers v(1'000'000, 1);
    words w;
    for (int i = 0; i < 1000; ++i) {
      w[i] = "a string that is too long to be kept inside itself";
    }
    EXPECT_EQ(in_use(), before.blocks_in_use + 2001);
    EXPECT_GE(built_in_memory_usage().bytes_in_use, before.bytes_in_use + 4'000'000);
  }
  EXPECT_EQ(in_use(), before.blocks_in_use);
}

// In a thread's cache, in what all threads keep, and in the memory behind it: more than the caches hold.
TEST(default_memory, knows_a_second_free_wherever_the_block_is_kept) {
  if (default_checks::level == check_level::none) {
    GTEST_SKIP() << "no checks";
  }
  constexpr layout each{64, 8};
  const fault_recorder faults;
  std::vector<void*> blocks(40'000);
  for (void*& block : blocks) {
    block = default_memory::allocate(each);
    ASSERT_NE(block, nullptr);
  }
  for (void* const block : blocks) {
    ASSERT_EQ(default_memory::deallocate(block, each), status::ok);
  }
  const size_t before = in_use();
  for (void* const block : blocks) {
    ASSERT_EQ(default_memory::deallocate(block, each), status::double_free);
  }
  EXPECT_EQ(fault_recorder::count(status::double_free), blocks.size());
  EXPECT_EQ(in_use(), before);
}

TEST(default_memory, refuses_a_choice_while_its_own_blocks_are_live) {
  static_region<4096> memory;
  heap<> chosen;
  ASSERT_EQ(chosen.init(memory), status::ok);
  ASSERT_GE(in_use(), 1U);
  EXPECT_EQ(set_default_memory(chosen), status::out_of_order);
  numbers v(10);
  EXPECT_FALSE(chosen.owns(v.data()));
}

TEST(default_memory, is_what_the_program_chooses) {
  numbers().swap(before_main);
  ASSERT_EQ(in_use(), 0U);
  static_region<4096> memory;
  heap<> chosen;
  ASSERT_EQ(chosen.init(memory), status::ok);
  ASSERT_EQ(set_default_memory(chosen), status::ok);
  {
    numbers v(10, 1);
    EXPECT_TRUE(chosen.owns(v.data()));
    EXPECT_TRUE(default_memory::owns(v.data()));
    EXPECT_EQ(default_memory::target(), &chosen);
    EXPECT_EQ(in_use(), 0U);
    EXPECT_EQ(default_memory::allocate({10000, 8}), nullptr);
  }
  EXPECT_EQ(chosen.usage().blocks_in_use, 0U);
  ASSERT_EQ(set_default_memory(allocator_ref()), status::ok);
  numbers v(10, 1);
  EXPECT_FALSE(chosen.owns(v.data()));
  EXPECT_EQ(in_use(), 1U);
}

TEST(default_memory, a_block_of_an_earlier_choice_is_refused_and_told) {
  fault_recorder faults;
  static_region<4096> memory;
  heap<> chosen;
  ASSERT_EQ(chosen.init(memory), status::ok);
  ASSERT_EQ(set_default_memory(chosen), status::ok);
  allocator<int> a;
  int* p = a.allocate(1);
  ASSERT_EQ(set_default_memory(allocator_ref()), status::ok);
  a.deallocate(hidden(p), 1);
  EXPECT_EQ(faults.count(status::foreign_pointer), 1U);
  EXPECT_EQ(chosen.usage().blocks_in_use, 1U);
}

TEST(default_memory, is_for_all_threads) {
  const size_t before = in_use();
  std::list<numbers, allocator<numbers>> handed_over(4);
  std::vector<std::thread> threads;
  for (numbers& mine : handed_over) {
    threads.emplace_back([&mine] {
      for (int round = 0; round < 200; ++round) {
        words w;
        for (int i = 0; i < 20; ++i) {
          w[i] = "a string that is too long to be kept inside itself";
          mine.push_back(i);
        }
        if (round % 50 == 49) {
          mine = numbers(mine.begin(), mine.begin() + 100);
        }
      }
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  for (const numbers& each : handed_over) {
    EXPECT_EQ(each.size(), 100U);
  }
  handed_over.clear();
  EXPECT_EQ(in_use(), before);
}

}  // namespace

}  // namespace acre::test
