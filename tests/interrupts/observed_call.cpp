// SPDX-License-Identifier: MIT
#include "interrupts/observed_call.hpp"

#if defined(__arm__)

// Thumb-1, so that it runs on every Cortex-M. The nops let an interrupt come before the call for any
// of the arguments.
__asm__(
    ".syntax unified\n"
    ".section .text.acre_sweep_run,\"ax\",%progbits\n"
    ".thumb_func\n"
    ".global acre_sweep_run\n"
    ".global acre_sweep_call\n"
    ".global acre_sweep_after\n"
    ".global acre_sweep_end\n"
    ".type acre_sweep_run,%function\n"
    "acre_sweep_run:\n"
    "  push {r4-r6, lr}\n"
    "  mov r4, r0\n"
    "  mov r5, r2\n"
    "  mov r6, r1\n"
    "  ldr r0, [r6]\n"
    "  ldr r1, [r6, #4]\n"
    "  ldr r2, [r6, #8]\n"
    "  ldr r3, [r6, #12]\n"
    "  nop\n"
    "  nop\n"
    "  nop\n"
    "  nop\n"
    "acre_sweep_call:\n"
    "  blx r4\n"
    "acre_sweep_after:\n"
    "  movs r1, #1\n"
    "  str r1, [r5, #4]\n"
    "1:\n"
    "  ldr r1, [r5]\n"
    "  cmp r1, #0\n"
    "  beq 1b\n"
    "  pop {r4-r6, pc}\n"
    "acre_sweep_end:\n"
    ".size acre_sweep_run, .-acre_sweep_run\n"
    ".text\n");

#elif defined(__riscv)

__asm__(
    ".section .text.acre_sweep_run,\"ax\",@progbits\n"
    ".global acre_sweep_run\n"
    ".global acre_sweep_call\n"
    ".global acre_sweep_after\n"
    ".global acre_sweep_end\n"
    ".type acre_sweep_run,@function\n"
    "acre_sweep_run:\n"
    "  addi sp, sp, -16\n"
    "  sw ra, 12(sp)\n"
    "  sw s0, 8(sp)\n"
    "  mv t0, a0\n"
    "  mv s0, a2\n"
    "  mv t1, a1\n"
    "  lw a0, 0(t1)\n"
    "  lw a1, 4(t1)\n"
    "  lw a2, 8(t1)\n"
    "  lw a3, 12(t1)\n"
    "  nop\n"
    "  nop\n"
    "  nop\n"
    "  nop\n"
    "acre_sweep_call:\n"
    "  jalr t0\n"
    "acre_sweep_after:\n"
    "  li a1, 1\n"
    "  sw a1, 4(s0)\n"
    "1:\n"
    "  lw a1, 0(s0)\n"
    "  beqz a1, 1b\n"
    "  lw s0, 8(sp)\n"
    "  lw ra, 12(sp)\n"
    "  addi sp, sp, 16\n"
    "  ret\n"
    "acre_sweep_end:\n"
    ".size acre_sweep_run, .-acre_sweep_run\n"
    ".text\n");

#else
#error "the sweep knows Arm and RISC-V"
#endif

namespace acre::test::sweep {

uintptr_t uninterrupted(const call& made) noexcept {
  progress state{1, 0};
  return acre_sweep_run(made.function, made.arguments, &state);
}

}  // namespace acre::test::sweep
