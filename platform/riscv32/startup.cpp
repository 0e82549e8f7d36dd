// SPDX-License-Identifier: MIT
// Reset and trap entry of RISC-V, machine mode, one hart: the others sleep.
#include "../bare_metal/runtime.hpp"

extern "C" {
[[noreturn]] void acre_reset();
void acre_trap();
}

// The first code of the image: QEMU starts every hart here. The stack is painted while nothing lies
// on it. `gp` is not used: without relaxation to it the linker needs no __global_pointer$.
[[gnu::naked, gnu::section(".acre_vectors")]] void acre_reset() {
  asm volatile(
      "csrw mie, zero\n\t"
      "csrr t0, mhartid\n"
      "1:\n\t"
      "beqz t0, 2f\n\t"
      "wfi\n\t"
      "j 1b\n"
      "2:\n\t"
      "la t0, acre_stack_begin\n\t"
      "la sp, acre_stack_end\n\t"
      "li t1, %0\n"
      "3:\n\t"
      "sw t1, 0(t0)\n\t"
      "addi t0, t0, 4\n\t"
      "bltu t0, sp, 3b\n\t"
      "la t0, acre_trap\n\t"
      "csrw mtvec, t0\n\t"
      "tail acre_start" ::"i"(acre::platform::detail::stack_paint));
}

void acre::platform::detail::start_core() noexcept {
  start_timer();
  constexpr uint32_t mie_software = 1U << 3;
  constexpr uint32_t mie_timer = 1U << 7;
  asm volatile("csrw mie, %0" ::"r"(mie_software | mie_timer));
  asm volatile("csrsi mstatus, 8" ::: "memory");  // MIE: as on Cortex-M, enabled from the start
}
