// SPDX-License-Identifier: MIT
// The test of the sweep by a second core that also stops in the middle: some mistakes need both cores there.
#include "interrupts/planted.hpp"

#include <acre/platform/ticket_lock.hpp>

namespace acre::test::sweep {

namespace {

/// Looks, and then takes: both cores may have seen that it is free.
class lock_in_two_steps {
 public:
  void lock() noexcept {
    for (uint32_t turn = 0; taken_; ++turn) {
      platform::spin_wait(turn);
    }
    taken_ = true;
    asm volatile("" ::: "memory");
  }
  void unlock() noexcept {
    asm volatile("" ::: "memory");
    taken_ = false;
    platform::spin_notify();
  }

 private:
  volatile bool taken_ = false;
};

using native_pool = unwatched<lockfree_pool<24, checks_none>, check_level::none>;

}  // namespace

// sweep.py --planted: a violation in each scenario, and none where nothing is planted.
constexpr family families[] = {
    family_of<pool_with<platform::spin_lock>>("nothing planted", allocate_and_back),
    family_of<pool_with<platform::irq_ticket_lock>>("nothing planted", allocate_and_back),
    never_waits(family_of<native_pool>("nothing planted", lock_free)),
    family_of<pool_with<lock_in_two_steps>>("a lock that looks before it takes", allocate_and_back),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
