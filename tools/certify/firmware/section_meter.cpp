// SPDX-License-Identifier: MIT
#include "section_meter.hpp"

#include <acre/policies.hpp>

#if defined(__arm__)

// Thumb-1, so that they run on every Cortex-M; without a branch, so that they always take the same. r0 is
// saved already. The timer is as the meter's: it counts down, in 24 bits.
__asm__(
    ".syntax unified\n"
    ".section .text.acre_certify_section,\"ax\",%progbits\n"
    ".thumb_func\n"
    ".global acre_certify_begin_section\n"
    ".type acre_certify_begin_section,%function\n"
    "acre_certify_begin_section:\n"
    "  push {r1-r3}\n"
    "  mrs r1, apsr\n"
    "  ldr r2, =acre_certify_sections\n"
    "  ldr r3, =0xE000E018\n"
    "  ldr r3, [r3]\n"
    "  str r3, [r2]\n"
    "  msr apsr_nzcvq, r1\n"
    "  pop {r1-r3}\n"
    "  bx lr\n"
    ".thumb_func\n"
    ".global acre_certify_end_section\n"
    ".type acre_certify_end_section,%function\n"
    "acre_certify_end_section:\n"
    "  push {r1-r4}\n"
    "  mrs r4, apsr\n"
    "  ldr r3, =0xE000E018\n"
    "  ldr r3, [r3]\n"
    "  ldr r2, =acre_certify_sections\n"
    "  ldr r1, [r2]\n"
    "  subs r1, r1, r3\n"
    "  lsls r1, r1, #8\n"
    "  lsrs r1, r1, #8\n"
    "  ldr r0, [r2, #4]\n"  // longest = max(longest, r1)
    "  subs r1, r1, r0\n"
    "  sbcs r3, r3, r3\n"
    "  bics r1, r1, r3\n"
    "  adds r0, r0, r1\n"
    "  str r0, [r2, #4]\n"
    "  ldr r0, [r2, #8]\n"
    "  adds r0, r0, #1\n"
    "  str r0, [r2, #8]\n"
    "  msr apsr_nzcvq, r4\n"
    "  pop {r1-r4}\n"
    "  bx lr\n"
    "  .ltorg\n"
    ".text\n");

#endif

namespace acre::certify {

section_ticks acre_certify_sections;

[[gnu::noipa]] void lock_and_unlock() noexcept {
  metered_lock lock;
  const lock_guard guard(lock);
}

}  // namespace acre::certify
