// SPDX-License-Identifier: MIT
// A block that is freed again in the middle of its free, when its owner has looked and not yet written: both are
// told ok, and it is found later. At level full the owner writes to the block just then, and a page that can't be
// written stops it there. POSIX.
#include <gtest/gtest.h>

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
    void* blocks[16];
    for (void*& block : blocks) {
      block = slabs->allocate();
    }
    victim = blocks[0];
    // Some are in the owner's hands, below the victim; others stay live.
    for (size_t i = 1; i < 16; ++i) {
      if (i < 8) {
        ASSERT_EQ(slabs->deallocate(blocks[i]), status::ok);
      } else {
        live.insert(blocks[i]);
      }
    }
  }
  void TearDown() override {
    if (slabs == nullptr) {
      return;
    }
    // All that there is, each once.
    for (size_t i = 0; i < 2 * slabs_type::chunk_bytes / block_size; ++i) {
      take();
    }
    EXPECT_EQ(slabs->counts().late_refusals, 1U);
    EXPECT_EQ(fault_recorder::count(status::double_free), 1U);
    for (void* const block : live) {
      EXPECT_EQ(slabs->deallocate(block), status::ok);
    }
    EXPECT_EQ(slabs->usage().blocks_in_use, 0U);
    EXPECT_EQ(slabs->validate(), status::ok);
    slabs->trim();
    EXPECT_EQ(slabs->counts().chunks, 0U) << "blocks are lost";
    slabs->release_all();
    slabs.reset();
  }

  void take() {
    void* const block = slabs->allocate();
    EXPECT_NE(block, nullptr);
    EXPECT_TRUE(live.insert(block).second) << "handed out twice";
  }

  std::set<void*> live;
  const fault_recorder faults;
};

TEST_F(slab_twice, by_a_signal_handler) {
  EXPECT_EQ(free_twice([] { second = slabs->give_back(victim); }), status::ok);
  EXPECT_EQ(second, status::ok);
}

/// A thread that frees the victim in the middle of the owner's free; `rest` is what it does when told to go on,
/// before it ends. (What it took before the owner is done, the owner would free: that is live then.)
class other_thread {
 public:
  template <class Rest>
  explicit other_thread(Rest&& rest)
      : thread_([rest] {
          await(1);
          second = slabs->deallocate(victim);
          turn_ = 2;
          await(3);
          rest();
        }) {}
  ~other_thread() {
    turn_ = 3;
    thread_.join();
    turn_ = 0;
  }
  other_thread(const other_thread&) = delete;
  other_thread& operator=(const other_thread&) = delete;

  static void free_it() {
    turn_ = 1;
    await(2);
  }

 private:
  static void await(int turn) {
    while (turn_ < turn) {
    }
  }

  static inline std::atomic<int> turn_{0};
  std::thread thread_;
};

TEST_F(slab_twice, by_a_thread_that_ends) {
  {
    const other_thread other([] {});
    EXPECT_EQ(free_twice(&other_thread::free_it), status::ok);
  }
  EXPECT_EQ(second, status::ok);
}

TEST_F(slab_twice, by_a_thread_that_allocates_before_the_owner) {
  {
    const other_thread other([this] { take(); });
    EXPECT_EQ(free_twice(&other_thread::free_it), status::ok);
  }
  EXPECT_EQ(second, status::ok);
}

TEST_F(slab_twice, by_a_thread_that_allocates_after_the_owner) {
  {
    const other_thread other([this] { take(); });
    EXPECT_EQ(free_twice(&other_thread::free_it), status::ok);
    take();
  }
  EXPECT_EQ(second, status::ok);
}

// The thread holds it twice then: from the first time, when nobody was to have it, and from the second.
TEST_F(slab_twice, by_a_thread_that_may_free_it_the_next_time) {
  {
    const other_thread other([] { EXPECT_EQ(slabs->deallocate(victim), status::ok); });
    EXPECT_EQ(free_twice(&other_thread::free_it), status::ok);
    take();
    EXPECT_EQ(live.erase(victim), 1U) << "the last that was freed is the first";
  }
  EXPECT_EQ(second, status::ok);
}

}  // namespace
}  // namespace acre::test
