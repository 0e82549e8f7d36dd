// SPDX-License-Identifier: MIT
// ticket_lock and irq_ticket_lock: as spin_lock, in the order of arrival.
//
// With n cores, each waits for n - 1 critical sections at most, which a worst case can be computed from.
// Where a core (under an emulator or an operating system: a thread) can be taken away while it waits, all
// behind it wait too: use spin_lock or a mutex there.
#pragma once

#include <stdint.h>

#include <acre/platform/spin_lock.hpp>

namespace acre::platform {

/// Three words. Excludes other cores and nothing else: not this core's interrupts. Does not nest.
///
/// `AtOnce` is never given: a board of one core has nobody to wait for, and there this does not compile.
///
/// Source: Reed and Kanodia, "Synchronization with eventcounts and sequencers", CACM 22 (1979).
template <bool AtOnce>
class basic_ticket_lock {
  static_assert(AtOnce, "one core needs no ticket lock, and would wait for itself: use irq_lock");

 public:
  // Taking a ticket orders nothing: relaxed. Acquire where the turn is seen to have come, which reads what
  // the release store of the one before has written; so the section comes after all earlier ones.
  void lock() noexcept {
    const uint32_t mine = __atomic_fetch_add(&next_, 1U, __ATOMIC_RELAXED);
    for (uint32_t turn = 0; __atomic_load_n(&serving_, __ATOMIC_ACQUIRE) != mine; ++turn) {
      spin_wait(turn);
    }
    __atomic_store_n(&holder_, spin_token(), __ATOMIC_RELAXED);
  }
  // Only the holder writes `serving_`, so that this is no read-modify-write. `holder_` is ordered before
  // it by the release, so the next holder's store comes later.
  void unlock() noexcept {
    __atomic_store_n(&holder_, uintptr_t{0}, __ATOMIC_RELAXED);
    const uint32_t served = __atomic_load_n(&serving_, __ATOMIC_RELAXED);
    __atomic_store_n(&serving_, served + 1, __ATOMIC_RELEASE);
    spin_notify();
  }
  /// Not while this core holds it. Relaxed: what this core wrote it sees, and no other writes its number.
  [[nodiscard]] bool may_lock() const noexcept {
    return __atomic_load_n(&holder_, __ATOMIC_RELAXED) != spin_token();
  }

 private:
  uint32_t next_ = 0;     // the ticket of who comes next
  uint32_t serving_ = 0;  // whose turn it is
  uintptr_t holder_ = 0;
};

using ticket_lock = basic_ticket_lock<runs_at_once>;

/// Excludes other cores in the order of arrival, and this core's interrupts. On a board of one core it is
/// irq_lock.
using irq_ticket_lock = detail::with_interrupts_of<runs_at_once, ticket_lock>::type;

}  // namespace acre::platform
