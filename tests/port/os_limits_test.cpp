// SPDX-License-Identifier: MIT
// os_source at the limits of a process: address space, a memory cgroup, fork; and what the kernel says is mapped
// after failures. POSIX: each in a child process.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/mutex_lock.hpp>
#include <acre/port/local_arena.hpp>
#include <acre/port/os_source.hpp>

#include "support/failing_os.hpp"
#include "support/guarded_memory.hpp"
#include "support/in_child.hpp"
#include "support/mapped.hpp"
#include "support/report.hpp"

namespace acre::test {
namespace {

using native = port::native_memory;

constexpr size_t kib = 1024;
constexpr size_t mib = 1024 * kib;

constexpr os_options all_options[] = {
    {},
    {.alignment = mib},
    {.keep_bytes = mib},
    {.guard_pages = true},
    {.alignment = 256 * kib, .guard_pages = true},
    {.reserve_bytes = 8 * mib, .commit_step = mib},
    {.reserve_bytes = 8 * mib, .guard_pages = true},
    {.pages = port::page_kind::transparent_huge},
    {.pages = port::page_kind::explicit_huge},
    {.give_back = give_back::memory},
};

TEST(OsLimits, of_address_space_is_answered_and_got_over) {
  if (const char* const why = no_limit_of_address_space(); why != nullptr) {
    GTEST_SKIP() << why;
  }
  for (const os_options& options : all_options) {
    EXPECT_EQ(0, in_child([&] {
                rlimit limit{};
                ACRE_CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
                limit.rlim_cur = mapped() + 96 * mib;
                ACRE_CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
                static os_source source;
                ACRE_CHECK(source.configure(options) == status::ok);
                static region all[1000];
                for (int round = 0; round < 3; ++round) {
                  size_t count = 0;
                  for (; count < 1000; ++count) {
                    all[count] = source.acquire(mib);
                    if (all[count].empty()) {
                      break;
                    }
                    memset(all[count].begin, static_cast<int>(count), 64);
                  }
                  ACRE_CHECK(count >= 32 && count <= 128);
                  ACRE_CHECK(source.last_failure().code == native::no_memory());
                  ACRE_CHECK(source.accounts().regions == count);
                  ACRE_CHECK(source.validate() == status::ok);
                  for (size_t i = 0; i < count; ++i) {
                    ACRE_CHECK(static_cast<unsigned char*>(all[i].begin)[63] ==
                               static_cast<unsigned char>(i));
                  }
                  source.release(all[count / 2]);  // as long as one is free, one can be had
                  all[count / 2] = source.acquire(mib);
                  ACRE_CHECK(!all[count / 2].empty());
                  while (count > 0) {
                    source.release(all[--count]);
                  }
                }
                source.trim();
                ACRE_CHECK(source.accounts() == os_accounts{});
                return 0;
              }));
  }
}

TEST(OsLimits, of_address_space_are_exhaustion_to_allocators) {
  if (const char* const why = no_limit_of_address_space(); why != nullptr) {
    GTEST_SKIP() << why;
  }
  EXPECT_EQ(
      0, in_child([] {
        rlimit limit{};
        ACRE_CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
        limit.rlim_cur = mapped() + 32 * mib;
        ACRE_CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        static growing<heap<64 * mib>, os_source> all;
        static chunk_group<os_source, no_lock> group;
        static void* blocks[4000];
        for (int round = 0; round < 3; ++round) {
          size_t count = 0;
          while (count < 4000 && (blocks[count] = all.allocate(layout{20'000, 8})) != nullptr) {
            ++count;
          }
          ACRE_CHECK(count > 500 && count < 4000);
          {
            local_arena<decltype(group)> arena(group);
            ACRE_CHECK(arena.allocate(4 * mib) == nullptr);
          }
          for (size_t i = 0; i < count; ++i) {
            ACRE_CHECK(all.deallocate(blocks[i], layout{20'000, 8}) == status::ok);
          }
          all.trim();
          local_arena<decltype(group)> arena(group);
          ACRE_CHECK(arena.allocate(4 * mib) != nullptr);
          arena.release_all();
          group.trim();
        }
        return 0;
      }));
}

/// A memory cgroup of a child's own; gone with the object.
class memory_cgroup {
 public:
  explicit memory_cgroup(size_t limit_bytes) {
    const std::string name = "/acre-test-" + std::to_string(getpid());
    const std::string bytes = std::to_string(limit_bytes);
    // The second version's hierarchy, then the first one's.
    if (make("/sys/fs/cgroup" + name) && write("memory.max", bytes)) {
      static_cast<void>(write("memory.swap.max", "0"));
      return;
    }
    drop();
    if (make("/sys/fs/cgroup/memory" + name) && write("memory.limit_in_bytes", bytes)) {
      static_cast<void>(write("memory.swappiness", "0"));
      return;
    }
    drop();
  }
  ~memory_cgroup() {
    drop();
  }
  memory_cgroup(const memory_cgroup&) = delete;
  memory_cgroup& operator=(const memory_cgroup&) = delete;

  [[nodiscard]] bool exists() const {
    return !path_.empty();
  }
  [[nodiscard]] bool enter() const {
    return write("cgroup.procs", std::to_string(getpid()));
  }

 private:
  bool make(const std::string& path) {
    if (mkdir(path.c_str(), 0700) != 0) {
      return false;
    }
    path_ = path;
    return true;
  }
  [[nodiscard]] bool write(const char* file, const std::string& text) const {
    const int to = open((path_ + "/" + file).c_str(), O_WRONLY | O_CLOEXEC);
    if (to < 0) {
      return false;
    }
    const bool done = ::write(to, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(to);
    return done;
  }
  void drop() {
    if (exists()) {
      rmdir(path_.c_str());
      path_.clear();
    }
  }

  std::string path_;
};

/// Writes to `total` bytes in regions of 1 MiB, of which `held` are in use at a time.
int churn(const os_options& options, size_t total, size_t held) {
  static os_source source;
  static region ring[256];
  ACRE_CHECK(source.configure(options) == status::ok);
  for (size_t i = 0; i < total / mib; ++i) {
    region& slot = ring[i % held];
    source.release(slot);
    slot = source.acquire(mib);
    ACRE_CHECK(!slot.empty());
    memset(slot.begin, 1, slot.size);
  }
  return 0;
}

TEST(OsLimits, of_a_memory_cgroup_are_kept_by_what_gives_memory_back) {
  const memory_cgroup group(32 * mib);
  if (!group.exists()) {
    GTEST_SKIP() << "no memory cgroup can be made here";
  }
  for (os_options options : all_options) {
    options.keep_bytes = options.keep_bytes != 0 ? 4 * mib : 0;
    EXPECT_EQ(0, in_child([&] {
                ACRE_CHECK(group.enter());
                return churn(options, 128 * mib, 12);
              }));
  }
}

TEST(OsLimits, of_a_memory_cgroup_end_who_goes_over_them_and_limit_bytes_stops_before) {
  const memory_cgroup group(32 * mib);
  if (!group.exists()) {
    GTEST_SKIP() << "no memory cgroup can be made here";
  }
  const auto take_all = [&](const os_options& options) {
    ACRE_CHECK(group.enter());
    static os_source source;
    ACRE_CHECK(source.configure(options) == status::ok);
    size_t count = 0;
    for (; count < 256; ++count) {
      const region memory = source.acquire(mib);
      if (memory.empty()) {
        break;
      }
      memset(memory.begin, 1, memory.size);
    }
    ACRE_CHECK(count == 24);
    ACRE_CHECK(source.last_failure().operation == os_operation::limit);
    return 0;
  };
  EXPECT_EQ(1000 + SIGKILL, in_child([&] { return take_all({}); })) << "the kernel's way";
  EXPECT_EQ(0, in_child([&] { return take_all({.limit_bytes = 24 * mib}); }));
  EXPECT_EQ(0, in_child([&] {
              return take_all(
                  {.reserve_bytes = 128 * mib, .commit_step = 5 * mib, .limit_bytes = 24 * mib});
            }));
}

TEST(OsFork, the_child_may_use_the_source_and_changes_nothing_of_the_parents) {
  for (const os_options& options : all_options) {
    os_source source(options);
    region before[4];
    for (region& each : before) {
      each = source.acquire(64 * kib);
      fill_pattern(each.begin, 64 * kib, 1);
    }
    source.release(before[3]);
    const os_accounts accounts = source.accounts();
    EXPECT_EQ(0, in_child([&] {
                ACRE_CHECK(source.accounts() == accounts);
                ACRE_CHECK(holds_pattern(before[0].begin, 64 * kib, 1));
                fill_pattern(before[0].begin, 64 * kib, 2);
                source.release(before[1]);
                const region fresh = source.acquire(128 * kib);
                ACRE_CHECK(!fresh.empty());
                memset(fresh.begin, 3, fresh.size);
                source.release(fresh);
                source.release(before[0]);
                source.release(before[2]);
                source.trim();
                ACRE_CHECK(source.accounts() == os_accounts{});
                return 0;
              }));
    EXPECT_EQ(source.accounts(), accounts);
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(holds_pattern(before[i].begin, 64 * kib, 1));
      source.release(before[i]);
    }
    source.trim();
    EXPECT_EQ(source.accounts(), os_accounts{});
  }
}

TEST(OsFork, the_child_may_use_a_chunk_group_that_other_threads_were_in) {
  using group_type = chunk_group<os_source, mutex_lock<std::mutex>>;
  static group_type group;
  std::atomic<bool> stop{false};
  std::thread others[2];
  for (std::thread& other : others) {
    other = std::thread([&] {
      while (!stop) {
        local_arena<group_type> arena(group);
        static_cast<void>(arena.allocate(100 * kib));
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    group.before_fork();  // as pthread_atfork() does it
    fflush(nullptr);
    const pid_t child = fork();
    group.after_fork();
    if (child == 0) {
      alarm(20);
      local_arena<group_type> arena(group);
      _exit(arena.allocate(200 * kib) != nullptr && group.validate() == status::ok ? 0 : 1);
    }
    int how = 0;
    ASSERT_EQ(waitpid(child, &how, 0), child);
    EXPECT_EQ(how, 0);
  }
  stop = true;
  for (std::thread& other : others) {
    other.join();
  }
  EXPECT_EQ(group.accounts().chunks_out, 0U);
  group.trim();
}

// The layer counts what it gave and got; here the kernel is asked, which also sees what the layer itself would
// lose, such as the ends that alignment cuts off.
TEST(OsKernel, has_everything_back_after_the_nth_call_failed) {
  if (const char* why = others_map(); why != nullptr) {
    GTEST_SKIP() << why;
  }
  if (mapped() == 0) {
    GTEST_SKIP() << "no /proc here";
  }
  using failing = failing_os<native>;
  for (const os_options& options : all_options) {
    EXPECT_EQ(0, in_child([&] {
                static size_t before;
                before = mapped();  // with a buffer for the file; malloc keeps it
                before = mapped();
                for (uint32_t n = 1;; ++n) {
                  ACRE_CHECK(n < 1000);
                  basic_os_source<failing> source(options);
                  failing::start(n);
                  region all[12];
                  for (size_t i = 0; i < 12; ++i) {
                    all[i] = source.acquire((1 + i % 3) * 64 * kib);
                  }
                  for (size_t i = 0; i < 12; ++i) {
                    source.release(all[i * 5 % 12]);
                  }
                  const bool failed = failing::failures != 0;
                  failing::start();
                  source.trim();
                  ACRE_CHECK(mapped() == before);
                  if (!failed) {
                    break;
                  }
                }
                return 0;
              }));
  }
}

}  // namespace
}  // namespace acre::test
