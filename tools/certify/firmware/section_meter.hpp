// SPDX-License-Identifier: MIT
// section_meter: how long a call holds its lock, in instructions; the longest time, if it takes the lock
// several times. That is how long it keeps interrupts waiting.
//
// metered_lock is irq_lock with a mark in front of lock() and one behind unlock(). A mark saves and restores
// all that it uses, flags included, so that the compiler knows nothing of it, and the code around is a
// product's. What the marks take is the same each time, and is taken off.
#pragma once

#include <stdint.h>

#include <acre/platform/irq_lock.hpp>

namespace acre::certify {

/// What was counted since it was last cleared.
struct section_ticks {
  uint32_t begun;
  uint32_t longest;
  uint32_t count;
};
extern "C" section_ticks acre_certify_sections;

#if defined(__arm__)
inline constexpr bool has_section_marks = true;
#define ACRE_CERTIFY_MARK(function)                                                     \
  asm volatile inline("push {r0, lr}\n\tbl " function                                   \
                      "\n\tldr r0, [sp, #4]\n\tmov lr, r0\n\tpop {r0}\n\tadd sp, #4" :: \
                          : "memory")
#else
// Nothing with a lock is certified on other cores.
inline constexpr bool has_section_marks = false;
#define ACRE_CERTIFY_MARK(function)
#endif

class metered_lock {
 public:
  static constexpr bool delays_interrupts = platform::irq_lock::delays_interrupts;

  [[nodiscard]] platform::irq_state lock() noexcept {
    ACRE_CERTIFY_MARK("acre_certify_begin_section");
    return inner_.lock();
  }
  void unlock(platform::irq_state found) noexcept {
    inner_.unlock(found);
    ACRE_CERTIFY_MARK("acre_certify_end_section");
  }

 private:
  [[no_unique_address]] platform::irq_lock inner_;
};

/// A call of nothing but an empty section.
void lock_and_unlock() noexcept;
/// Its instructions without the marks: reads the mask, sets it, restores it, returns. Only the restoring
/// one is masked.
inline constexpr uint32_t empty_call = 4;
inline constexpr uint32_t empty_section = 1;

}  // namespace acre::certify
