// SPDX-License-Identifier: MIT
// spin_lock and irq_spin_lock: lock policies for allocators that several cores share.
//
// A core spins until the lock is free; who comes next is a matter of luck (ticket_lock.hpp: of order).
// Where an interrupt handler may call the allocator, the lock must be irq_spin_lock: a handler that spins
// for a lock that its own core holds spins for ever.
#pragma once

#include <stdint.h>

#include <acre/platform/irq_lock.hpp>
#include <acre/platform/spin.hpp>
#include <acre/policies.hpp>

namespace acre::platform {

/// A test-and-test-and-set lock in one word: 0, or who holds it. Excludes other cores and nothing else:
/// not this core's interrupts. Does not nest.
///
/// `AtOnce` is never given: a board of one core has nobody to wait for, and there this does not compile.
///
/// Source: Rudolph and Segall, "Dynamic decentralized cache schemes for MIMD parallel processors", ISCA
/// 1984: those that wait read their own copy, and only what looks free is asked for with a store.
template <bool AtOnce>
class basic_spin_lock {
  static_assert(AtOnce, "one core needs no spin lock, and would wait for itself: use irq_lock");

 public:
  // Acquire: what the critical section reads and writes stays behind taking the lock, and sees all that
  // was written before the release store whose 0 it has read. The looks in between are relaxed, since
  // nothing follows from them; a failed exchange neither.
  void lock() noexcept {
    const uintptr_t me = spin_token();
    for (uint32_t turn = 0;; ++turn) {
      uintptr_t holder = __atomic_load_n(&holder_, __ATOMIC_RELAXED);
      if (holder == 0 && __atomic_compare_exchange_n(&holder_, &holder, me, false, __ATOMIC_ACQUIRE,
                                                     __ATOMIC_RELAXED)) {
        return;
      }
      spin_wait(turn);
    }
  }
  // Release: all of the critical section is seen by whoever reads this 0 to acquire.
  void unlock() noexcept {
    __atomic_store_n(&holder_, uintptr_t{0}, __ATOMIC_RELEASE);
    spin_notify();
  }
  /// Not while this core holds it. Relaxed: what this core wrote it sees, and no other writes its number.
  [[nodiscard]] bool may_lock() const noexcept {
    return __atomic_load_n(&holder_, __ATOMIC_RELAXED) != spin_token();
  }

 private:
  uintptr_t holder_ = 0;
};

using spin_lock = basic_spin_lock<runs_at_once>;

namespace detail {

template <bool AtOnce, class Lock>
struct with_interrupts_of {
  using type = both<irq_lock, Lock>;
};
template <class Lock>
struct with_interrupts_of<false, Lock> {
  using type = irq_lock;
};

}  // namespace detail

/// Excludes other cores and this core's interrupts, in this order: interrupts first, since a handler
/// between the two would find the lock taken. Interrupts wait while the core spins. On a board of one core
/// it is irq_lock.
using irq_spin_lock = detail::with_interrupts_of<runs_at_once, spin_lock>::type;

}  // namespace acre::platform
