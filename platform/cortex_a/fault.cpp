// SPDX-License-Identifier: MIT
// Every exception that nobody expects: says where and why, and ends the program with fault_exit_code.
#include <acre/platform/exit.hpp>

#include "../bare_metal/fault_report.hpp"

namespace acre::platform {

using detail::report_text;
using detail::report_value;

extern "C" {

enum class fault_kind : uint32_t { undefined, prefetch_abort, data_abort };

[[noreturn]] void acre_report_fault(fault_kind kind, uint32_t pc, uint32_t lr, uint32_t sp);

// The report has a stack of its own: the one of the core may be what has overflowed.
alignas(8) unsigned char acre_fault_stack[1024];

// In supervisor mode again: r2 and r3 are the link register and the stack pointer of what faulted.
[[gnu::naked, gnu::used]] static void report() {
  asm volatile(
      "cpsid if, #19\n\t"
      "mov r2, lr\n\t"
      "mov r3, sp\n\t"
      "ldr sp, =acre_fault_stack + 1024\n\t"
      "bl acre_report_fault\n\t"
      ".ltorg");
}

// The link register of the exception's mode is one or two instructions behind the one that faulted.
[[gnu::naked]] void acre_undefined();
void acre_undefined() {
  asm volatile("mov r0, #0\n\tsub r1, lr, #4\n\tb %c0" ::"i"(report));
}

[[gnu::naked]] void acre_prefetch_abort();
void acre_prefetch_abort() {
  asm volatile("mov r0, #1\n\tsub r1, lr, #4\n\tb %c0" ::"i"(report));
}

[[gnu::naked]] void acre_data_abort();
void acre_data_abort() {
  asm volatile("mov r0, #2\n\tsub r1, lr, #8\n\tb %c0" ::"i"(report));
}

void acre_report_fault(fault_kind kind, uint32_t pc, uint32_t lr, uint32_t sp) {
  switch (kind) {
    case fault_kind::undefined:
      report_text("\nundefined instruction: ");
      break;
    case fault_kind::prefetch_abort:
      report_text("\nprefetch abort: ");
      break;
    case fault_kind::data_abort:
      report_text("\ndata abort: ");
      break;
  }
  report_value("pc", pc);
  report_value("lr", lr);
  report_value("sp", sp);
  if (kind != fault_kind::undefined) {
    uint32_t status;
    uint32_t address;
    if (kind == fault_kind::data_abort) {
      asm volatile("mrc p15, 0, %0, c5, c0, 0\n\tmrc p15, 0, %1, c6, c0, 0"
                   : "=r"(status), "=r"(address));  // DFSR, DFAR
    } else {
      asm volatile("mrc p15, 0, %0, c5, c0, 1\n\tmrc p15, 0, %1, c6, c0, 2"
                   : "=r"(status), "=r"(address));  // IFSR, IFAR
    }
    report_value("fsr", status);
    report_value("far", address);
  }
  report_text("\n");
  exit(fault_exit_code);
}

}  // extern "C"

}  // namespace acre::platform
