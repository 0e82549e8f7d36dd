// SPDX-License-Identifier: MIT
// Slabs where the system refuses a thread something: a pointer of its own, the call at its end, or the thread
// itself. POSIX: each in a child process, in which nobody has had a thread's pointer before.
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>
#include <vector>

#include <acre/port/thread_slabs.hpp>

#include "support/guarded_memory.hpp"
#include "support/in_child.hpp"
#include "support/mapped.hpp"

namespace acre::test {
namespace {

constexpr size_t block_size = 64;
constexpr size_t mib = size_t{1} << 20;
using slabs_type = hosted::thread_slabs<block_size, os_source, checks_full>;

constinit slabs_type slabs;

/// `count` blocks, each full of a pattern of its own.
class holding {
 public:
  explicit holding(uint32_t owner) noexcept : owner_(owner) {}

  [[nodiscard]] bool take(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      void* const block = slabs.allocate();
      if (block == nullptr) {
        return false;
      }
      fill_pattern(block, block_size, owner_ + static_cast<uint32_t>(blocks_.size()));
      blocks_.push_back(block);
    }
    return true;
  }
  [[nodiscard]] bool give_back(size_t count) {
    bool good = true;
    for (; count > 0 && !blocks_.empty(); --count) {
      void* const block = blocks_.back();
      blocks_.pop_back();
      good = good &&
             holds_pattern(block, block_size, owner_ + static_cast<uint32_t>(blocks_.size())) &&
             slabs.deallocate(block) == status::ok;
    }
    return good;
  }
  [[nodiscard]] bool give_back_all() {
    return give_back(blocks_.size());
  }

 private:
  uint32_t owner_;
  std::vector<void*> blocks_;
};

[[nodiscard]] bool nothing_is_left() {
  const bool good = slabs.usage().blocks_in_use == 0 && slabs.validate() == status::ok;
  slabs.trim();
  return good && slabs.counts().chunks == 0;
}

/// Four threads at once that allocate, and free what one of them before has left.
[[nodiscard]] bool threads_work() {
  holding left(1000);
  bool good = left.take(50);
  std::atomic<unsigned> fine{0};
  std::thread crowd[4];
  for (uint32_t t = 0; t < 4; ++t) {
    crowd[t] = std::thread([&, t] {
      holding mine(t << 16);
      bool all = true;
      for (int round = 0; round < 200; ++round) {
        all = all && mine.take(20) && mine.give_back(19);
      }
      fine += all && mine.give_back_all() ? 1 : 0;
    });
  }
  for (std::thread& one : crowd) {
    one.join();
  }
  std::thread([&] { good = left.give_back_all() && good; }).join();
  return good && fine == 4;
}

// --- calls of the C library that fail when told so; the rest of the process calls these, too

std::atomic<int> keys_failing{0};
std::atomic<int> pointers_failing{0};

bool fails(std::atomic<int>& failing) {
  int left = failing;
  while (left > 0 && !failing.compare_exchange_weak(left, left - 1)) {
  }
  return left > 0;
}

template <class Function>
Function next_of(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace
}  // namespace acre::test

extern "C" int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  static const auto next = acre::test::next_of<decltype(&pthread_key_create)>("pthread_key_create");
  return acre::test::fails(acre::test::keys_failing) ? EAGAIN : next(key, destructor);
}
extern "C" int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  static const auto next =
      acre::test::next_of<decltype(&pthread_setspecific)>("pthread_setspecific");
  return acre::test::fails(acre::test::pointers_failing) ? ENOMEM : next(key, value);
}

namespace acre::test {
namespace {

// --- tests

TEST(ThreadLimits, where_there_is_no_key_all_threads_share_and_later_they_do_not) {
  EXPECT_EQ(0, in_child([] {
              keys_failing = 1'000'000;
              holding held(7);
              ACRE_CHECK(held.take(100));
              ACRE_CHECK(threads_work());
              ACRE_CHECK(slabs.usage().blocks_in_use == 100 && slabs.validate() == status::ok);
              ACRE_CHECK(port::threads_listed() == 0);
              ACRE_CHECK(slabs.counts().heaps == 0);
              keys_failing = 0;
              ACRE_CHECK(held.give_back_all());
              ACRE_CHECK(threads_work() && nothing_is_left());
              ACRE_CHECK(port::threads_listed() == 1);
              ACRE_CHECK(slabs.counts().heaps > 0);
              return 0;
            }));
}

// For each of its threads, and for each call of one.
TEST(ThreadLimits, a_thread_whose_end_cannot_be_seen_shares_until_it_can) {
  if (sanitized) {
    GTEST_SKIP() << "a sanitizer has pointers of its own";
  }
  EXPECT_EQ(0, in_child([] {
              for (int failing = 1; failing < 40; ++failing) {
                pointers_failing = failing;
                ACRE_CHECK(threads_work() && nothing_is_left());
                ACRE_CHECK(port::threads_listed() <= 1);
                ACRE_CHECK(slabs.counts().heaps <= 6);
              }
              pointers_failing = 0;
              ACRE_CHECK(threads_work() && nothing_is_left());
              return 0;
            }));
}

struct guest {
  pthread_t thread;
  uint32_t number;
};
std::atomic<bool> party_is_over{false};
std::atomic<unsigned> guests_in{0};
std::atomic<unsigned> guests_failed{0};

void* visit(void* argument) {
  holding mine(static_cast<const guest*>(argument)->number << 16);
  bool good = mine.take(500) && mine.give_back(200);
  ++guests_in;
  while (!party_is_over) {
    sched_yield();
  }
  good = mine.give_back_all() && good;
  guests_failed += good ? 0 : 1;
  return nullptr;
}

TEST(ThreadLimits, threads_that_cannot_be_created_change_nothing_for_those_that_are_there) {
  if (const char* const why = no_limit_of_address_space(); why != nullptr) {
    GTEST_SKIP() << why;
  }
  EXPECT_EQ(0, in_child([] {
              holding mine(0xABC << 16);
              ACRE_CHECK(mine.take(1000));
              // The slabs are in memory already: what fails is a thread's stack.
              pthread_attr_t attributes;
              ACRE_CHECK(pthread_attr_init(&attributes) == 0);
              ACRE_CHECK(pthread_attr_setstacksize(&attributes, 8 * mib) == 0);
              rlimit limit{};
              ACRE_CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
              const rlimit before = limit;
              limit.rlim_cur = mapped() + 100 * mib;
              ACRE_CHECK(setrlimit(RLIMIT_AS, &limit) == 0);

              static guest guests[64];
              unsigned count = 0;
              int error = 0;
              for (; count < 64; ++count) {
                guests[count].number = count;
                error = pthread_create(&guests[count].thread, &attributes, visit, &guests[count]);
                if (error != 0) {
                  break;
                }
                while (guests_in <= count) {
                  sched_yield();
                }
              }
              ACRE_CHECK(error == EAGAIN && count >= 4 && count < 64);
              ACRE_CHECK(port::threads_listed() == count + 1);
              const size_t heaps = slabs.counts().heaps;
              const size_t in_use = slabs.usage().blocks_in_use;
              ACRE_CHECK(in_use == 1000 + 300 * count);
              for (int i = 0; i < 100; ++i) {
                guest nobody{};
                ACRE_CHECK(pthread_create(&nobody.thread, &attributes, visit, &nobody) == EAGAIN);
              }
              ACRE_CHECK(port::threads_listed() == count + 1 && slabs.counts().heaps == heaps);
              ACRE_CHECK(slabs.usage().blocks_in_use == in_use);
              ACRE_CHECK(slabs.validate() == status::ok);
              ACRE_CHECK(mine.give_back(500) && mine.take(100) && mine.give_back_all());

              party_is_over = true;
              for (unsigned i = 0; i < count; ++i) {
                ACRE_CHECK(pthread_join(guests[i].thread, nullptr) == 0);
              }
              ACRE_CHECK(guests_failed == 0 && port::threads_listed() == 1);
              ACRE_CHECK(nothing_is_left());
              ACRE_CHECK(setrlimit(RLIMIT_AS, &before) == 0);
              ACRE_CHECK(threads_work() && nothing_is_left());
              ACRE_CHECK(slabs.counts().heaps == heaps);
              return 0;
            }));
}

}  // namespace
}  // namespace acre::test
