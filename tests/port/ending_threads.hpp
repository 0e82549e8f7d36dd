// SPDX-License-Identifier: MIT
// What is done with an allocator of a process where something ends: a thread, whose destructors still allocate, or all
// threads but one, in a process that is forked. `take` and `give` as in shared_blocks.hpp.
#pragma once

#include <gtest/gtest.h>

#include <stddef.h>
#include <stdint.h>

#include <acre/status.hpp>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "port/shared_blocks.hpp"
#include "support/random.hpp"

namespace acre::test {

/// A variable of a thread, whose destructor does what is wanted. Nothing is in the variable: mingw-w64 may have freed
/// it before.
struct thread_variable {
  static inline const std::function<void()>* at_end = nullptr;

  void use() {}
  ~thread_variable() {
    (*at_end)();
  }
};

/// Destructors of variables of threads allocate and free. `in_use` answers how many blocks are.
template <class Take, class Give, class InUse>
void allocate_in_destructors(Take take, Give give, InUse in_use) {
  for (int i = 0; i < 20; ++i) {
    void* block = nullptr;
    void* left = nullptr;
    const std::function<void()> at_end = [&] {
      EXPECT_EQ(give(block), status::ok);
      for (int n = 0; n < 1000; ++n) {
        void* const more = take();
        EXPECT_NE(more, nullptr);
        stamp(more, 1);
        EXPECT_EQ(give(more), status::ok);
      }
      left = take();
      EXPECT_NE(left, nullptr);
    };
    thread_variable::at_end = &at_end;
    std::thread([&] {
      thread_local thread_variable object;
      object.use();
      block = take();
    }).join();
    EXPECT_EQ(in_use(), 1U);
    EXPECT_EQ(give(left), status::ok);
  }
}

#if !defined(_WIN32)

/// Behind the allocator's hook: destructors of keys that were made later run in the rounds that follow.
template <class Take, class Give>
void allocate_behind_the_hook(Take take, Give give) {
  static Take* taking = nullptr;
  static Give* giving = nullptr;
  static pthread_key_t key;
  static std::atomic<int> calls{0};
  taking = &take;
  giving = &give;
  calls = 0;
  ASSERT_EQ(give(take()), status::ok);  // the hook's key is made
  ASSERT_EQ(pthread_key_create(&key,
                               [](void* rounds) {
                                 void* const block = (*taking)();
                                 EXPECT_NE(block, nullptr);
                                 EXPECT_EQ((*giving)(block), status::ok);
                                 ++calls;
                                 if (rounds != nullptr && calls < 3) {
                                   pthread_setspecific(key, rounds);
                                 }
                               }),
            0);
  std::thread([&] {
    pthread_setspecific(key, &take);
    EXPECT_EQ(give(take()), status::ok);
  }).join();
  EXPECT_EQ(calls, 3);
  pthread_key_delete(key);
}

/// Threads beside the one that forks.
inline constexpr unsigned forked_among = 3;

/// Other threads are in the middle of anything when the process is forked, and each has at most one block that was
/// taken, and one that was exchanged. In the child, child(give_all) answers whether all is well; give_all() gives
/// back all blocks but theirs.
template <class Take, class Give, class Child>
void fork_among_threads(Take take, Give give, Child child) {
  std::atomic<bool> stop{false};
  std::vector<std::atomic<void*>> table(64);
  std::vector<std::thread> crowd;
  for (uint32_t t = 0; t < forked_among; ++t) {
    crowd.emplace_back([&, t] {
      test::random numbers(t + 1);
      while (!stop.load(std::memory_order_relaxed)) {
        void* block = take();
        stamp(block, t);
        block = table[numbers.below(64)].exchange(block);
        if (block != nullptr) {
          static_cast<void>(give(block));
        }
      }
    });
  }
  void* const mine = take();
  const auto give_all = [&] {
    bool good = give(mine) == status::ok;
    for (std::atomic<void*>& place : table) {
      void* const block = place.load();
      good = good && (block == nullptr || give(block) == status::ok);
    }
    return good;
  };
  for (int i = 0; i < 20; ++i) {
    std::this_thread::yield();
    const pid_t id = fork();
    if (id == 0) {
      _exit(child(give_all) ? 0 : 1);
    }
    int result = -1;
    ASSERT_EQ(waitpid(id, &result, 0), id);
    EXPECT_EQ(result, 0);
  }
  stop = true;
  for (std::thread& one : crowd) {
    one.join();
  }
  EXPECT_TRUE(give_all());
}

#endif

}  // namespace acre::test
