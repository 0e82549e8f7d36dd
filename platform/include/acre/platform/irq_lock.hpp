// SPDX-License-Identifier: MIT
// irq_lock: the lock policy for allocators that interrupt handlers share with the main program on
// one core. Costs a handful of instructions and cannot deadlock.
#pragma once

#include <acre/platform/irq.hpp>

namespace acre::platform {

/// Disables interrupts while locked. Locks nest, different ones and the same one, and the last
/// unlock restores exactly what the first lock found. The same lock nests at most 32 deep.
///
/// Does not exclude other cores.
class irq_lock {
 public:
  void lock() noexcept {
    const irq_state state = irq_disable();
    states_ = (states_ << 1) | state;
  }
  void unlock() noexcept {
    const irq_state state = states_ & 1;
    states_ >>= 1;
    irq_restore(state);
  }

 private:
  uint32_t states_ = 0;  // one bit a level, the innermost in bit 0
};

}  // namespace acre::platform
