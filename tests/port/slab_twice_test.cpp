// SPDX-License-Identifier: MIT
// A block that is freed again in the middle of its free. At level full the second one is refused at once: when the
// first writes its pattern to the block it has been freed. A page that can't be written stops it there. POSIX.
#include <gtest/gtest.h>

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <set>
#include <thread>

#include <acre/port/thread_slabs.hpp>

#include "support/counted_source.hpp"
#include "support/fault_recorder.hpp"

namespace acre::test {
namespace {

constexpr size_t block_size = 4096;
using slabs_type = hosted::thread_slabs<block_size, counted_source, checks_full, block_size>;

std::unique_ptr<slabs_type> slabs;
void* victim = nullptr;
void (*second_free)() = nullptr;
status second = status::ok;  // what it was told

extern "C" {
static void acre_on_fault(int) {
  mprotect(victim, block_size, PROT_READ | PROT_WRITE);
  second_free();
}
}

/// slabs->deallocate(victim), with `other` in the middle.
status free_twice(void (*other)()) {
  struct sigaction wanted {};
  struct sigaction before[2] = {};
  wanted.sa_handler = &acre_on_fault;
  sigaction(SIGSEGV, &wanted, &before[0]);
  sigaction(SIGBUS, &wanted, &before[1]);
  second_free = other;
  mprotect(victim, block_size, PROT_READ);
  const status first = slabs->deallocate(victim);
  sigaction(SIGSEGV, &before[0], nullptr);
  sigaction(SIGBUS, &before[1], nullptr);
  return first;
}

class slab_twice : public ::testing::Test {
 protected:
  void SetUp() override {
    if (sysconf(_SC_PAGESIZE) != block_size) {
      GTEST_SKIP() << "pages are not of " << block_size << " bytes here";
    }
    slabs = std::make_unique<slabs_type>();
    victim = slabs->allocate();
    second = status::ok;
  }
  void TearDown() override {
    if (slabs == nullptr) {
      return;
    }
    EXPECT_EQ(second, status::double_free);
    EXPECT_EQ(fault_recorder::count(status::double_free), 1U);
    std::set<void*> live;
    for (size_t i = 0; i < 2 * slabs_type::chunk_bytes / block_size; ++i) {
      EXPECT_TRUE(live.insert(slabs->allocate()).second) << "handed out twice";
    }
    for (void* const block : live) {
      EXPECT_EQ(slabs->deallocate(block), status::ok);
    }
    EXPECT_EQ(slabs->counts().late_refusals, 0U);
    EXPECT_EQ(slabs->usage().blocks_in_use, 0U);
    EXPECT_EQ(slabs->validate(), status::ok);
    slabs->trim();
    EXPECT_EQ(slabs->counts().chunks, 0U) << "blocks are lost";
    slabs->release_all();
    slabs.reset();
  }

  const fault_recorder faults;
};

TEST_F(slab_twice, by_a_signal_handler) {
  EXPECT_EQ(free_twice([] { second = slabs->give_back(victim); }), status::ok);
}

TEST_F(slab_twice, by_the_thread_itself_in_a_signal_handler) {
  EXPECT_EQ(free_twice([] { second = slabs->deallocate(victim); }), status::ok);
}

TEST_F(slab_twice, by_another_thread) {
  static std::atomic<int> turn{0};
  turn = 0;
  std::thread other([] {
    while (turn != 1) {
      std::this_thread::yield();
    }
    second = slabs->deallocate(victim);
    turn = 2;
  });
  EXPECT_EQ(free_twice([] {
              turn = 1;
              while (turn != 2) {
                sched_yield();
              }
            }),
            status::ok);
  other.join();
}

TEST_F(slab_twice, of_another_thread_s_block) {
  EXPECT_EQ(slabs->deallocate(victim), status::ok);
  std::thread([] { victim = slabs->allocate(); }).join();
  EXPECT_EQ(free_twice([] { second = slabs->give_back(victim); }), status::ok);
}

}  // namespace
}  // namespace acre::test
