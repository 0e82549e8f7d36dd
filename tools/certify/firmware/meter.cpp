// SPDX-License-Identifier: MIT
#include "meter.hpp"

#include "section_meter.hpp"
#include "settings.hpp"

#if defined(__arm__)

// r3 is pushed for the stack's alignment only. Thumb-1, so that it runs on every Cortex-M.
__asm__(
    ".syntax unified\n"
    ".section .text.acre_certify_run,\"ax\",%progbits\n"
    ".thumb_func\n"
    ".global acre_certify_run\n"
    ".global acre_certify_call\n"
    ".type acre_certify_run,%function\n"
    "acre_certify_run:\n"
    "  push {r3-r7, lr}\n"
    "  mov r4, r0\n"
    "  ldr r5, =0xE000E018\n"  // SYST_CVR, counts down, 24 bits
    "  ldr r6, [r4]\n"
    "  ldr r0, [r4, #4]\n"
    "  ldr r1, [r4, #8]\n"
    "  ldr r2, [r4, #12]\n"
    "  ldr r3, [r4, #16]\n"
    "  ldr r7, [r5]\n"
    "acre_certify_call:\n"
    "  blx r6\n"
    "  ldr r1, [r5]\n"
    "  str r0, [r4, #20]\n"
    "  subs r0, r7, r1\n"
    "  lsls r0, r0, #8\n"
    "  lsrs r0, r0, #8\n"
    "  pop {r3-r7, pc}\n"
    "  .ltorg\n"
    ".text\n");

#elif defined(__riscv)

__asm__(
    ".section .text.acre_certify_run,\"ax\",@progbits\n"
    ".global acre_certify_run\n"
    ".global acre_certify_call\n"
    ".type acre_certify_run,@function\n"
    ".option push\n"
    ".option norvc\n"
    "acre_certify_run:\n"
    "  addi sp, sp, -16\n"
    "  sw ra, 12(sp)\n"
    "  sw s0, 8(sp)\n"
    "  sw s1, 4(sp)\n"
    "  mv s0, a0\n"
    "  lw t0, 0(s0)\n"
    "  lw a0, 4(s0)\n"
    "  lw a1, 8(s0)\n"
    "  lw a2, 12(s0)\n"
    "  lw a3, 16(s0)\n"
    "  rdinstret s1\n"
    "acre_certify_call:\n"
    "  jalr t0\n"
    "  rdinstret a1\n"
    "  sw a0, 20(s0)\n"
    "  sub a0, a1, s1\n"
    "  lw s1, 4(sp)\n"
    "  lw s0, 8(sp)\n"
    "  lw ra, 12(sp)\n"
    "  addi sp, sp, 16\n"
    "  ret\n"
    ".option pop\n"
    ".text\n");

#else
#error "the meter knows Arm and RISC-V"
#endif

namespace acre::certify {

namespace {

constexpr uint64_t instruction_ps = uint64_t{1000} << settings::icount_shift;
static_assert(instruction_ps >= 2 * settings::tick_ps || settings::icount_shift == 0,
              "an instruction lasts at least two ticks, or exactly one");

constexpr uint64_t common_divisor(uint64_t a, uint64_t b) {
  while (b != 0) {
    const uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// Ticks to instructions as a fraction. Its denominator is a power of two on all boards, so that a call
// of the meter costs no 64-bit division.
constexpr uint64_t divisor = common_divisor(settings::tick_ps, instruction_ps);
constexpr uint64_t numerator = settings::tick_ps / divisor;
constexpr uint64_t denominator = instruction_ps / divisor;
static_assert((denominator & (denominator - 1)) == 0);

constexpr uint32_t instructions_in(uint64_t ticks) {
  return static_cast<uint32_t>((ticks * numerator + denominator / 2) / denominator);
}

uint32_t overhead = 0;          // of the meter
uint32_t marks = 0;             // of a section
uint32_t marks_in_section = 0;  // the part of them that is measured with it

[[gnu::noipa]] void empty() {}

metered_call call_of(void (*function)()) {
  return {reinterpret_cast<const void*>(function), {}, 0};
}

}  // namespace

counts counts_of(metered_call& call) noexcept {
  acre_certify_sections = {};
  const uint32_t all = instructions_in(acre_certify_run(&call)) - overhead;
  const section_ticks sections = acre_certify_sections;
  if (sections.count == 0) {
    return {all, 0};
  }
  // A trace has the marks, too.
  return {settings::tracing ? all : all - marks * sections.count,
          instructions_in(sections.longest) - marks_in_section};
}

void start_meter() noexcept {
#if defined(__arm__)
  auto* const systick = reinterpret_cast<volatile uint32_t*>(0xE000E010);
  systick[0] = 0;
  systick[1] = 0x00FF'FFFF;
  systick[2] = 0;
  systick[0] = 5;  // the processor's clock, no interrupt
#endif
  overhead = 0;
  marks = 0;
  marks_in_section = 0;
  metered_call nothing = call_of(&empty);
  static_cast<void>(counts_of(nothing));
  overhead = counts_of(nothing).instructions - 1;
  if constexpr (has_section_marks) {
    metered_call section = call_of(&lock_and_unlock);
    const counts found = counts_of(section);
    marks = found.instructions - empty_call;
    marks_in_section = found.masked - empty_section;
  }
}

}  // namespace acre::certify
