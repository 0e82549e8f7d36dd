// SPDX-License-Identifier: MIT
// The test of the sweep: locks that keep no interrupt out must be found, and the same calls under a lock that
// does must not.
#include "interrupts/planted.hpp"

namespace acre::test::sweep {

namespace {

// --- locks with a mistake each

#if defined(__riscv)
inline uint32_t mask_without_barrier() noexcept {
  uint32_t status;
  asm volatile("csrrci %0, mstatus, 8" : "=r"(status));
  return status & 8;
}
inline void restore_without_barrier(uint32_t state) noexcept {
  asm volatile("csrs mstatus, %0" ::"r"(state));
}
#else
inline uint32_t mask_without_barrier() noexcept {
  uint32_t state;
  asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(state));
  return state;
}
inline void restore_without_barrier(uint32_t state) noexcept {
  asm volatile("msr primask, %0" ::"r"(state));
}
#endif

/// No memory clobber: the compiler may keep the list's head in a register from one section to the next.
class lock_without_barrier {
 public:
  void lock() noexcept {
    state_ = mask_without_barrier();
  }
  void unlock() noexcept {
    restore_without_barrier(state_);
  }

 private:
  uint32_t state_ = 0;
};

/// Enables interrupts even if they were disabled before.
struct lock_that_enables {
  void lock() noexcept {
    static_cast<void>(platform::irq_disable());
  }
  void unlock() noexcept {
    platform::irq_restore(0);
  }
};

using correct_atomics = faulty_atomics<true, UINT32_MAX>;
using tagless_atomics = faulty_atomics<true, 0xFFFFU>;  // the tag is in the upper half

constexpr scenario three_sections[] = {
    {"taken, given back and taken again", "aaa02", "T--", "a"},
};
constexpr scenario under_another_lock[] = {
    {"two taken and one given back under another lock", "aaaa012", "O--", "a"},
};
constexpr scenario all_of_them[] = {
    {"the first block is there again, and the second is not", "", "a", "aax"},
    {"a block from the list", "aaa02", "a", "a"},
    {"a block that was never handed out", "aa", "a", "a"},
    {"a block back", "aaa0", "1", "a"},
    {"taken, given back and taken again", "aaa02", "T--", "a"},
    {"two taken and one given back under another lock", "aaaa012", "O--", "a"},
};

}  // namespace

// sweep.py --planted: a violation in each scenario, and none where nothing is planted.
constexpr family families[] = {
    family_of<pool_with<platform::irq_lock>>("nothing planted", all_of_them),
    family_of<lockfree_with<correct_atomics>>("nothing planted", lock_free),
    family_of<pool_with<no_lock>>("no lock", allocate_and_back),
    family_of<pool_with<lock_without_barrier>>("a lock without a barrier", three_sections),
    family_of<pool_with<lock_that_enables>>("an unlock that enables interrupts",
                                            under_another_lock),
    family_of<pool_that_stores_late<platform::irq_lock>>("a store after the unlock",
                                                         allocate_from_the_list),
    family_of<lockfree_with<torn_atomics>>("an atomic operation in two halves", allocate_and_back),
    family_of<lockfree_with<tagless_atomics>>("a head whose tag nobody looks at", there_again),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
