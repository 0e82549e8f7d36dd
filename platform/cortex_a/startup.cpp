// SPDX-License-Identifier: MIT
// Reset, the vectors and the entry of interrupts of Cortex-A. Everything runs in supervisor mode on the
// core's one stack, interrupts too, so that no other mode needs a stack.
#include "../bare_metal/runtime.hpp"
#include "gic.hpp"
#include "memory_map.hpp"

extern "C" {
[[noreturn]] void acre_reset();
void acre_reset_other();
void acre_vectors();
void acre_irq();
void acre_undefined();
void acre_prefetch_abort();
void acre_data_abort();
}

// The stack is painted while nothing lies on it.
[[gnu::naked]] void acre_reset() {
  asm volatile(
      "cpsid if, #19\n\t"
      "ldr r0, =acre_vectors\n\t"
      "mcr p15, 0, r0, c12, c0, 0\n\t"  // VBAR
      "ldr r0, =acre_stack_begin\n\t"
      "ldr sp, =acre_stack_end\n\t"
      "ldr r1, =%c0\n"
      "1:\n\t"
      "str r1, [r0], #4\n\t"
      "cmp r0, sp\n\t"
      "blo 1b\n\t"
      "bl acre_start\n\t"
      ".ltorg" ::"i"(acre::platform::detail::stack_paint));
}

// PSCI enters here, with the core's number in r0. The stacks follow that of core 0.
[[gnu::naked]] void acre_reset_other() {
  asm volatile(
      "cpsid if, #19\n\t"
      "ldr r1, =acre_vectors\n\t"
      "mcr p15, 0, r1, c12, c0, 0\n\t"
      "ldr sp, =acre_stack_end\n\t"
      "ldr r1, =acre_other_stack_bytes\n\t"
      "mul r0, r0, r1\n\t"
      "add sp, sp, r0\n\t"
      "bl acre_start_other\n\t"
      ".ltorg");
}

[[gnu::naked, gnu::aligned(32)]] void acre_vectors() {
  asm volatile(
      "b acre_undefined\n\t"  // reset does not come here
      "b acre_undefined\n\t"
      "b acre_undefined\n\t"  // SVC: semihosting takes it before
      "b acre_prefetch_abort\n\t"
      "b acre_data_abort\n\t"
      "b acre_undefined\n\t"
      "b acre_irq\n\t"
      "b acre_undefined");
}

// CLREX: what was reserved before the interrupt must fail afterwards, as it does on the other profiles.
// The stack is aligned to eight bytes for the call.
[[gnu::naked]] void acre_irq() {
  asm volatile(
      "sub lr, lr, #4\n\t"
      "srsdb sp!, #19\n\t"
      "cpsid if, #19\n\t"
      "push {r0-r3, r12, lr}\n\t"
      "ldr r0, [sp, #24]\n\t"
      "and r1, sp, #4\n\t"
      "sub sp, sp, r1\n\t"
      "push {r1, r2}\n\t"
      "bl acre_interrupt\n\t"
      "clrex\n\t"
      "pop {r1, r2}\n\t"
      "add sp, sp, r1\n\t"
      "pop {r0-r3, r12, lr}\n\t"
      "rfeia sp!");
}

void acre::platform::detail::set_up_core() noexcept {
  map_memory();
  start_gic();
  start_timer();
  asm volatile("cpsie i" ::: "memory");  // as on Cortex-M, enabled from the start
}
