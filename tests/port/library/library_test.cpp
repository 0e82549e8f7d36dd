// SPDX-License-Identifier: MIT
// Allocators in a library (a DLL, a shared object) that is loaded, used from several threads, and unloaded;
// threads end before that and after it.
#include <gtest/gtest.h>

#include "port/library/loaded.hpp"
#include "port/library/plugin.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace acre::test {
namespace {

constexpr const char* path = ACRE_TEST_PLUGIN;
constexpr unsigned threads = 8;

const plugin* entry_of(const loaded& library) {
  const auto entry = library.find<plugin_entry>("acre_test_plugin");
  return entry == nullptr ? nullptr : entry();
}

/// Takes and gives back many times; false iff something went wrong.
bool use(const plugin& p) {
  bool good = true;
  void* held[4] = {};
  for (int round = 0; round < 1000; ++round) {
    for (void*& block : held) {
      block = p.allocate();
      good = good && block != nullptr;
    }
    for (void* block : held) {
      good = good && p.deallocate(block);
    }
    std::this_thread::yield();
  }
  return good;
}

/// A number that threads wait for.
class stage {
 public:
  void reach(int number) noexcept {
    number_ = number;
  }
  void await(int number) const noexcept {
    while (number_ < number) {
      std::this_thread::yield();
    }
  }

 private:
  std::atomic<int> number_{0};
};

TEST(library, is_used_by_threads_that_end_before_it_is_unloaded) {
  {
    const loaded library(path);
    const plugin* const p = entry_of(library);
    ASSERT_NE(p, nullptr);
    std::atomic<unsigned> good{0};
    std::vector<std::thread> crowd;
    for (unsigned t = 0; t < threads; ++t) {
      crowd.emplace_back([&] { good += use(*p) ? 1 : 0; });
    }
    for (std::thread& one : crowd) {
      one.join();
    }
    EXPECT_EQ(good, threads);
    EXPECT_EQ(p->live(), 0U);
  }
  EXPECT_FALSE(loaded::is_there(path));
}

TEST(library, is_used_by_threads_that_end_after_it_is_unloaded) {
  ASSERT_NE(entry_of(loaded(path)), nullptr);
  stage now;
  std::atomic<unsigned> good{0};
  std::atomic<unsigned> done{0};
  const plugin* p = nullptr;
  std::vector<std::thread> crowd;
  for (unsigned t = 0; t < threads; ++t) {
    crowd.emplace_back([&] {
      now.await(1);  // the thread is older than the library
      good += use(*p) ? 1 : 0;
      ++done;
      now.await(2);  // and lives longer
    });
  }
  {
    const loaded library(path);
    p = entry_of(library);
    now.reach(1);
    while (done != threads) {
      std::this_thread::yield();
    }
    EXPECT_EQ(p->live(), 0U);
  }
  EXPECT_FALSE(loaded::is_there(path));
  now.reach(2);
  for (std::thread& one : crowd) {
    one.join();
  }
  EXPECT_EQ(good, threads);
}

// More often than a process has places for thread-local pointers (1088 of Windows, 1024 of glibc).
TEST(library, can_be_loaded_and_unloaded_any_number_of_times) {
  for (int round = 0; round < 1200; ++round) {
    const loaded library(path);
    const plugin* const p = entry_of(library);
    ASSERT_NE(p, nullptr) << "round " << round;
    void* const mine = p->allocate();
    ASSERT_NE(mine, nullptr) << "round " << round;
    bool good = false;
    if (round % 32 == 0) {
      std::thread([&] { good = p->deallocate(mine); }).join();
    } else {
      good = p->deallocate(mine);
    }
    ASSERT_TRUE(good) << "round " << round;
    ASSERT_EQ(p->live(), 0U) << "round " << round;
  }
}

}  // namespace
}  // namespace acre::test
