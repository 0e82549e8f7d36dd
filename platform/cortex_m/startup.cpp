// SPDX-License-Identifier: MIT
// Reset and the vector table of Cortex-M. No external interrupt is ever enabled here, so the table
// ends with the sixteen entries of the architecture.
#include "../bare_metal/runtime.hpp"
#include "registers.hpp"
#include "vectors.hpp"

extern "C" {
[[noreturn]] void acre_reset();
void acre_fault();
void acre_pendsv();
void acre_systick();
}

[[gnu::section(".acre_vectors"), gnu::used]] const acre::platform::detail::vector acre_vectors[] = {
    {.stack = acre_stack_end},  // the stack pointer after reset
    {.code = acre_reset},       // Reset
    {.code = acre_fault},       // NMI
    {.code = acre_fault},       // HardFault
    {.code = acre_fault},       // MemManage    (reserved on v6-M, as the next three)
    {.code = acre_fault},       // BusFault
    {.code = acre_fault},       // UsageFault
    {.code = acre_fault},       // SecureFault  (v8-M)
    {.code = acre_fault},       // reserved
    {.code = acre_fault},       // reserved
    {.code = acre_fault},       // reserved
    {.code = acre_fault},       // SVCall
    {.code = acre_fault},       // DebugMonitor
    {.code = acre_fault},       // reserved
    {.code = acre_pendsv},      // PendSV: raise_interrupt
    {.code = acre_systick},     // SysTick: arm_interrupt
};

// Paints the stack while nothing lies on it. The literals are read relative to the program counter,
// and each instruction exists on every core since v6-M.
[[gnu::naked]] void acre_reset() {
  asm volatile(
      ".syntax unified\n\t"
      "ldr r0, =acre_stack_begin\n\t"
#if defined(__ARM_ARCH_8M_MAIN__)
      "msr msplim, r0\n\t"  // an overflow faults before it writes
#endif
      "ldr r1, =acre_stack_end\n\t"
      "ldr r2, =%c0\n"
      "1:\n\t"
      "stmia r0!, {r2}\n\t"
      "cmp r0, r1\n\t"
      "blo 1b\n\t"
      "bl acre_start\n\t"
      ".ltorg" ::"i"(acre::platform::detail::stack_paint));
}

namespace {

// v8-M has a limit register for the stack, v6-M has nothing. On v7-M the MPU, if there is one, guards
// the 256 bytes below it, and leaves all else as it is without an MPU.
void guard_stack() {
#if __ARM_ARCH == 7
  using acre::platform::detail::scs_register;
  constexpr uint32_t size_256 = 7U << 1;  // 2^(7 + 1) bytes
  constexpr uint32_t no_access = 0;
  constexpr uint32_t enable = 1;
  constexpr uint32_t default_map_elsewhere = 4;     // MPU_CTRL.PRIVDEFENA
  if ((scs_register(0xE000ED90) & 0xFF00U) != 0) {  // MPU_TYPE: regions
    scs_register(0xE000ED98) = 0;                   // MPU_RNR
    scs_register(0xE000ED9C) = reinterpret_cast<uintptr_t>(acre_stack_begin) - 256;  // MPU_RBAR
    scs_register(0xE000EDA0) = no_access | size_256 | enable;                        // MPU_RASR
    scs_register(0xE000ED94) = default_map_elsewhere | enable;                       // MPU_CTRL
    asm volatile("dsb\n\tisb" ::: "memory");
  }
#endif
}

}  // namespace

void acre::platform::detail::set_up_core() noexcept {
  guard_stack();
#if defined(__ARM_FP)
  // The FPU is off after reset: full access for coprocessors 10 and 11 (CPACR).
  *reinterpret_cast<volatile uint32_t*>(0xE000ED88) |= 0xFU << 20;
  asm volatile("dsb\n\tisb" ::: "memory");
#endif
  // PendSV and SysTick are the least urgent, so that every ceiling holds them back (SHPR3).
  scs_register(0xE000ED20) = 0xFFFF0000;
  start_timer();
}
