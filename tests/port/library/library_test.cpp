// SPDX-License-Identifier: MIT
// Allocators in a library (a DLL, a shared object) that is loaded, used from several threads, and unloaded;
// threads end before that and after it.
#include <gtest/gtest.h>

#include "port/library/loaded.hpp"
#include "port/library/plugin.hpp"
#include "support/mapped.hpp"
#include "support/sanitized.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace acre::test {
namespace {

constexpr const char* path = ACRE_TEST_PLUGIN;
constexpr unsigned threads = 8;

class library : public ::testing::TestWithParam<plugin_kind> {
 protected:
  static const plugin* entry_of(const loaded& from) {
    const auto entry = from.find<plugin_entry>("acre_test_plugin");
    return entry == nullptr ? nullptr : entry(GetParam());
  }
};

INSTANTIATE_TEST_SUITE_P(Kinds, library, ::testing::Values(plugin_kind::pool, plugin_kind::slabs),
                         [](const auto& kind) {
                           return kind.param == plugin_kind::pool ? "pool" : "slabs";
                         });

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

TEST_P(library, is_used_by_threads_that_end_before_it_is_unloaded) {
  {
    const loaded it(path);
    const plugin* const p = entry_of(it);
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
    p->close();
  }
  EXPECT_FALSE(loaded::is_there(path));
}

// Twice: they find nothing of the first time in the second.
TEST_P(library, is_used_by_threads_that_end_after_it_is_unloaded) {
  ASSERT_NE(entry_of(loaded(path)), nullptr);
  stage now;
  std::atomic<unsigned> good{0};
  std::atomic<unsigned> done{0};
  const plugin* p = nullptr;
  std::vector<std::thread> crowd;
  for (unsigned t = 0; t < threads; ++t) {
    crowd.emplace_back([&] {
      for (const int begin : {1, 3}) {
        now.await(begin);  // the thread is older than the library
        good += use(*p) ? 1 : 0;
        ++done;
        now.await(begin + 1);  // and lives longer
      }
    });
  }
  for (const int begin : {1, 3}) {
    {
      const loaded it(path);
      p = entry_of(it);
      done = 0;
      now.reach(begin);
      while (done != threads) {
        std::this_thread::yield();
      }
      EXPECT_EQ(p->live(), 0U);
      if (begin == 1) {  // the second time it is unloaded as it is
        p->close();
      }
    }
    EXPECT_FALSE(loaded::is_there(path));
    now.reach(begin + 1);
  }
  for (std::thread& one : crowd) {
    one.join();
  }
  EXPECT_EQ(good, 2 * threads);
}

// More often than a process has places for thread-local pointers (1088 of Windows, 1024 of glibc), and with
// nothing left behind.
TEST_P(library, can_be_loaded_and_unloaded_any_number_of_times) {
  constexpr int rounds = 1200;
  constexpr size_t least_lost = size_t{rounds} * 4096;
  size_t before = 0;
  for (int round = 0; round < rounds; ++round) {
    if (round == 100) {
      before = mapped();
    }
    const loaded it(path);
    const plugin* const p = entry_of(it);
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
    p->close();
  }
  if (!address_sanitized && !under_valgrind()) {  // which keep what was freed
    EXPECT_LT(mapped(), before + least_lost / 2);
  }
}

}  // namespace
}  // namespace acre::test
