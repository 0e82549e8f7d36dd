// SPDX-License-Identifier: MIT
// Once warmed up, what stands on os_source makes no system call: the kernel counts none. And the counter counts
// those that are made.
#include <gtest/gtest.h>
#include <stdint.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <atomic>
#include <mutex>
#include <thread>

#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/mutex_lock.hpp>
#include <acre/pool.hpp>
#include <acre/port/local_arena.hpp>
#include <acre/port/os_source.hpp>

#include "support/syscall_count.hpp"

namespace acre::test {
namespace {

constexpr size_t kib = 1024;
constexpr size_t mib = 1024 * kib;

#if defined(__linux__)

TEST(SyscallCount, counts_each_call_in_the_window_and_no_other) {
  const syscall_tally seen = count_syscalls([](syscall_window& window) {
    syscall(SYS_getpid);
    window.open();
    syscall(SYS_getppid);
    syscall(SYS_getpid);
    syscall(SYS_getppid);
    window.close();
    syscall(SYS_getpid);
  });
  if (seen.unavailable != nullptr) {
    GTEST_SKIP() << seen.unavailable;
  }
  EXPECT_EQ(seen.calls, 3U) << seen.first_calls();
  EXPECT_EQ(seen.first[0], SYS_getppid);
  EXPECT_EQ(seen.first[1], SYS_getpid);
  EXPECT_EQ(seen.first[2], SYS_getppid);
}

TEST(SyscallCount, counts_nothing_where_nothing_is_called) {
  uint64_t sum = 0;
  const syscall_tally seen = count_syscalls([&](syscall_window& window) {
    window.open();
    for (uint64_t i = 0; i < 1'000'000; ++i) {
      sum += i ^ (sum >> 3);
    }
    window.close();
  });
  if (seen.unavailable != nullptr) {
    GTEST_SKIP() << seen.unavailable;
  }
  EXPECT_NE(sum, 0U);
  EXPECT_EQ(seen.calls, 0U) << seen.first_calls();
}

TEST(SyscallCount, counts_the_calls_of_threads_that_are_started) {
  const syscall_tally seen = count_syscalls([](syscall_window& window) {
    std::atomic<bool> done{false};
    std::thread other([&] {
      window.open();
      syscall(SYS_getpid);
      syscall(SYS_getpid);
      window.close();
      done = true;
    });
    while (!done) {  // spins, because waiting is a call
    }
    other.join();
  });
  if (seen.unavailable != nullptr) {
    GTEST_SKIP() << seen.unavailable;
  }
  EXPECT_EQ(seen.calls, 2U) << seen.first_calls();
}

TEST(SyscallCount, sees_the_calls_of_a_source_that_keeps_nothing) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer maps shadow memory for each mapping";
#endif
  const syscall_tally seen = count_syscalls([](syscall_window& window) {
    os_source source;
    source.release(source.acquire(1));
    window.open();
    source.release(source.acquire(1));  // mmap, munmap
    window.close();
  });
  if (seen.unavailable != nullptr) {
    GTEST_SKIP() << seen.unavailable;
  }
  EXPECT_EQ(seen.calls, 2U) << seen.first_calls();
  EXPECT_EQ(seen.first[1], SYS_munmap);
}

#endif

/// Fills `all` and empties it; the second and later times in the window.
template <class A>
syscall_tally churn(A& all, size_t bytes, size_t count, int rounds) {
  return count_syscalls([&](syscall_window& window) {
    void* blocks[512] = {};
    for (int round = 0; round < rounds; ++round) {
      for (size_t i = 0; i < count; ++i) {
        blocks[i] = all.allocate(layout{bytes, 8});
        if (blocks[i] == nullptr) {
          ADD_FAILURE() << "exhausted";
          return;
        }
        *static_cast<unsigned char*>(blocks[i]) = 1;
      }
      for (size_t i = 0; i < count; ++i) {
        // In another order.
        if (all.deallocate(blocks[i * 7 % count], layout{bytes, 8}) != status::ok) {
          ADD_FAILURE() << "refused";
        }
      }
      window.open();
    }
    window.close();
  });
}

TEST(NoSyscallAfterWarmUp, in_a_growing_pool) {
  growing<pool<4096>, os_source> all;
  const syscall_tally seen = churn(all, 4096, 500, 20);
  if (seen.unavailable != nullptr) {
    GTEST_SKIP() << seen.unavailable;
  }
  EXPECT_EQ(seen.calls, 0U) << seen.first_calls();
  EXPECT_GT(all.source().accounts().regions, 10U);
  all.trim();
  EXPECT_EQ(all.source().accounts(), os_accounts{});
}

TEST(NoSyscallAfterWarmUp, in_a_growing_heap) {
  growing<heap<1 << 20>, os_source> all;
  const syscall_tally seen = churn(all, 1000, 500, 20);
  if (seen.unavailable != nullptr) {
    GTEST_SKIP() << seen.unavailable;
  }
  EXPECT_EQ(seen.calls, 0U) << seen.first_calls();
  all.trim();
  EXPECT_EQ(all.source().accounts(), os_accounts{});
}

TEST(NoSyscallAfterWarmUp, where_regions_are_kept_and_age) {
  // The clock is the system's: its time comes without a call.
  os_source source(os_options{.granularity = 64 * kib, .keep_bytes = mib, .keep_ms = 1'000'000});
  const syscall_tally seen = count_syscalls([&](syscall_window& window) {
    for (int round = 0; round < 100; ++round) {
      region all[8];
      for (region& each : all) {
        each = source.acquire(64 * kib);
        *static_cast<unsigned char*>(each.begin) = 1;
      }
      for (const region& each : all) {
        source.release(each);
      }
      if (round == 2) {
        window.open();
      }
    }
    window.close();
  });
  if (seen.unavailable != nullptr) {
    GTEST_SKIP() << seen.unavailable;
  }
  EXPECT_EQ(seen.calls, 0U) << seen.first_calls();
  source.trim();
  EXPECT_EQ(source.accounts(), os_accounts{});
}

using group_type = chunk_group<os_source, mutex_lock<std::mutex>>;

/// Runs `round` with an arena of its own each time; from the third one in the window.
template <class Round>
syscall_tally arena_rounds(group_type& group, Round&& round) {
  return count_syscalls([&](syscall_window& window) {
    for (int i = 0; i < 50; ++i) {
      round(group);
      if (i == 2) {
        window.open();
      }
    }
    window.close();
  });
}

template <class Arena>
void fill(Arena& arena) {
  for (int i = 0; i < 2000; ++i) {
    auto* block = static_cast<unsigned char*>(arena.allocate(1000));
    if (block == nullptr) {
      ADD_FAILURE() << "exhausted";
      return;
    }
    *block = 1;
  }
}

TEST(NoSyscallAfterWarmUp, in_arenas_that_come_and_go_over_a_chunk_group) {
  group_type group;
  const syscall_tally seen = arena_rounds(group, [](group_type& of) {
    local_arena<group_type> one(of);
    local_arena<group_type> two(of);
    fill(one);
    fill(two);
    one.reset();
    fill(one);
  });
  if (seen.unavailable != nullptr) {
    GTEST_SKIP() << seen.unavailable;
  }
  EXPECT_EQ(seen.calls, 0U) << seen.first_calls();
  EXPECT_GT(group.accounts().recycled, 100U);
  group.trim();
  EXPECT_EQ(group.source().accounts(), os_accounts{});
}

TEST(NoSyscallAfterWarmUp, nor_a_call_of_the_group_in_an_arena_that_keeps_its_chunks) {
  group_type group;
  uint64_t acquires = 0;
  {
    local_arena<group_type> arena(group);
    const syscall_tally seen = arena_rounds(group, [&](group_type& of) {
      fill(arena);
      arena.reset_keep();
      const chunk_accounts accounts = of.accounts();
      acquires = accounts.recycled + accounts.from_source;
    });
    if (seen.unavailable != nullptr) {
      GTEST_SKIP() << seen.unavailable;
    }
    EXPECT_EQ(seen.calls, 0U) << seen.first_calls();
    EXPECT_EQ(acquires, arena.source().chunks());
  }
  group.trim();
  EXPECT_EQ(group.source().accounts(), os_accounts{});
}

}  // namespace
}  // namespace acre::test
