// SPDX-License-Identifier: MIT
#include "interrupts/interrupted_call.hpp"

#include "interrupts/visit.hpp"

extern "C" {
/// Loads the arguments, calls, and waits until `*taken` is not 0.
uintptr_t acre_sweep_run(const void* function, const uintptr_t* arguments,
                         const volatile uint32_t* taken) noexcept;
extern const char acre_sweep_call[];
extern const char acre_sweep_after[];
extern const char acre_sweep_end[];
}

#if defined(__arm__)

// Thumb-1, so that it runs on every Cortex-M. The nops let an interrupt come before the call for any
// of the arguments. Another core runs while this one waits for an event.
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
    "  ldr r1, [r5]\n"
    "  cmp r1, #0\n"
    "  bne 1f\n"
    "  wfe\n"
    "  b acre_sweep_after\n"
    "1:\n"
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
    "  lw a1, 0(s0)\n"
    "  beqz a1, acre_sweep_after\n"
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

namespace {

uintptr_t address(const void* p) noexcept {
  // Without the bit that says Thumb, which a function's address has on Arm.
#if defined(__arm__)
  return reinterpret_cast<uintptr_t>(p) & ~uintptr_t{1};
#else
  return reinterpret_cast<uintptr_t>(p);
#endif
}

volatile uint32_t taken;
void (*volatile within)() noexcept;

void take() noexcept {
  if (within != nullptr) {
    within();
  }
  taken = 1;
}

[[gnu::noipa]] void empty() {}

// Out of line, so that as many instructions lie between the timer's start and the call each time.
[[gnu::noipa]] uintptr_t arm_and_run(const call& made, uint32_t timer_ticks) noexcept {
  arm_visit(timer_ticks);
  return acre_sweep_run(made.function, made.arguments, &taken);
}

}  // namespace

uintptr_t interrupted_at() noexcept {
  return address(visited_address());
}

moment interrupted_when() noexcept {
  const uintptr_t here = interrupted_at();
  if (here >= address(acre_sweep_after) && here < address(acre_sweep_end)) {
    return moment::after;
  }
  const bool before = here <= address(acre_sweep_call) &&
                      here >= address(reinterpret_cast<const void*>(&acre_sweep_run));
  return before ? moment::before : moment::inside;
}

uintptr_t uninterrupted(const call& made) noexcept {
  taken = 1;
  return acre_sweep_run(made.function, made.arguments, &taken);
}

uintptr_t interrupted(const call& made, uint32_t timer_ticks, void (*handler)() noexcept) noexcept {
  within = handler;
  taken = 0;
  prepare_visits(take);
  return arm_and_run(made, timer_ticks);
}

void by_itself(void (*handler)() noexcept) noexcept {
  within = handler;
  taken = 0;
  prepare_visits(take);
  raise_visit();
}

uint32_t first_ticks() noexcept {
  static uint32_t most = 0;
  const call made{reinterpret_cast<const void*>(&empty), {}};
  for (uint32_t k = 1; k < 500 && most + 100 > k; ++k) {
    interrupted(made, k, nullptr);
    if (interrupted_when() == moment::before) {
      most = k;
    }
  }
  return most;
}

}  // namespace acre::test::sweep
