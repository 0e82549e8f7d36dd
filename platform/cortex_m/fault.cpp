// SPDX-License-Identifier: MIT
// HardFault and every other exception that nobody expects: says where and why, and ends the program
// with fault_exit_code.
#include <acre/platform/exit.hpp>

#include "../bare_metal/fault_report.hpp"
#include "../bare_metal/runtime.hpp"
#include "exception_frame.hpp"
#include "registers.hpp"

namespace acre::platform {

using detail::exception_frame;
using detail::report_text;
using detail::report_value;

namespace {

// After a stack overflow the frame may lie where there is no memory; reading it would lock up.
bool readable(const exception_frame* frame) noexcept {
  const auto begin = reinterpret_cast<uintptr_t>(frame);
  return begin >= reinterpret_cast<uintptr_t>(acre_stack_begin) &&
         begin + sizeof *frame <= reinterpret_cast<uintptr_t>(acre_all_stacks_end);
}

}  // namespace

extern "C" {

[[noreturn]] void acre_report_fault(const exception_frame* frame, uint32_t exception);

// Finds the frame by bit 2 of EXC_RETURN (the process stack or the main one). After an overflow the
// stack starts anew, so that the report itself has room: at the top, or, where the core knows its own
// stack by the limit, a little above that.
[[gnu::naked]] void acre_fault();
void acre_fault() {
  asm volatile(
      ".syntax unified\n\t"
      "mov r2, lr\n\t"
      "movs r1, #4\n\t"
      "mrs r0, msp\n\t"
      "tst r2, r1\n\t"
      "beq 1f\n\t"
      "mrs r0, psp\n"
      "1:\n\t"
      "mrs r1, ipsr\n\t"
#if defined(__ARM_ARCH_8M_MAIN__)
      "mrs r2, msplim\n\t"
      "add r3, r2, #1024\n\t"
      "add r2, r2, #256\n\t"
#else
      "ldr r3, =acre_stack_end\n\t"
      "ldr r2, =acre_stack_begin + 256\n\t"
#endif
      "cmp sp, r2\n\t"
      "blo 2f\n\t"
      "ldr r2, =acre_all_stacks_end\n\t"
      "cmp sp, r2\n\t"
      "bls 3f\n"
      "2:\n\t"
      "mov sp, r3\n"
      "3:\n\t"
      "bl acre_report_fault\n\t"
      ".ltorg");
}

void acre_report_fault(const exception_frame* frame, uint32_t exception) {
  static constexpr uint32_t hard_fault = 3;
  if (exception == hard_fault) {
    report_text("\nhard fault: ");
  } else {
    report_text("\nunexpected exception: ");
    report_value("number", exception);
  }
  if (readable(frame)) {
    report_value("pc", frame->pc);
    report_value("lr", frame->lr);
    report_value("psr", frame->psr);
  } else {
    report_text("stack overflow ");
  }
  report_value("sp", reinterpret_cast<uint32_t>(frame));
#if __ARM_ARCH >= 7
  // v6-M has none of the registers that tell the cause.
  report_value("cfsr", detail::scs_register(0xE000ED28));
  report_value("hfsr", detail::scs_register(0xE000ED2C));
  report_value("mmfar", detail::scs_register(0xE000ED34));
  report_value("bfar", detail::scs_register(0xE000ED38));
#endif
  report_text("\n");
  exit(fault_exit_code);
}

}  // extern "C"

}  // namespace acre::platform
