// SPDX-License-Identifier: MIT
// Reset and trap entry of RISC-V, machine mode.
#include "../bare_metal/runtime.hpp"

extern "C" {
[[noreturn]] void acre_reset();
void acre_trap();
}

// The first code of the image: QEMU starts every hart here. The stack is painted while nothing lies
// on it. The others sleep until their software interrupt is raised, by switch_on_core or by any event; their stacks
// follow that of hart 0. `gp` is not used: without relaxation to it the linker needs no __global_pointer$.
[[gnu::naked, gnu::section(".acre_vectors")]] void acre_reset() {
  asm volatile(
      "csrr t2, mhartid\n\t"
      "la t0, acre_trap\n\t"
      "csrw mtvec, t0\n\t"
      "bnez t2, 2f\n\t"
      "csrw mie, zero\n\t"
      "la t0, acre_stack_begin\n\t"
      "la sp, acre_stack_end\n\t"
      "li t1, %0\n"
      "1:\n\t"
      "sw t1, 0(t0)\n\t"
      "addi t0, t0, 4\n\t"
      "bltu t0, sp, 1b\n\t"
      "tail acre_start\n"
      "2:\n\t"
      "li t0, 8\n\t"  // mie.MSIE and mip.MSIP
      "csrw mie, t0\n"
      "3:\n\t"
      "wfi\n\t"
      "csrr t1, mip\n\t"
      "and t1, t1, t0\n\t"
      "beqz t1, 3b\n\t"
      "la sp, acre_stack_end\n\t"
      "lui t0, %%hi(acre_other_stack_bytes)\n\t"
      "addi t0, t0, %%lo(acre_other_stack_bytes)\n"
      "4:\n\t"
      "add sp, sp, t0\n\t"
      "addi t2, t2, -1\n\t"
      "bnez t2, 4b\n\t"
      "tail acre_start_other" ::"i"(acre::platform::detail::stack_paint));
}

void acre::platform::detail::set_up_core() noexcept {
  start_timer();
  constexpr uint32_t mie_software = 1U << 3;
  constexpr uint32_t mie_timer = 1U << 7;
  asm volatile("csrw mie, %0" ::"r"(mie_software | mie_timer));
  asm volatile("csrsi mstatus, 8" ::: "memory");  // MIE: as on Cortex-M, enabled from the start
}
