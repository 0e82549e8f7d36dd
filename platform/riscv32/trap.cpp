// SPDX-License-Identifier: MIT
// The counter, the timer, the software interrupt and the fault report of RISC-V. Interrupts come
// from the CLINT at the address that QEMU's virt and SiFive's cores share.
#include <acre/platform/cores.hpp>
#include <acre/platform/counter.hpp>
#include <acre/platform/exit.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq.hpp>

#include "../bare_metal/fault_report.hpp"
#include "../bare_metal/runtime.hpp"
#include "clint.hpp"

namespace acre::platform {

using detail::clint;
using detail::harts;
using detail::report_text;
using detail::report_value;
using detail::software_interrupt;

namespace {

interrupt_handler handler = nullptr;

constexpr uintptr_t mtimecmp = 0x4000;  // eight bytes for each hart
constexpr uintptr_t mtime_low = 0xBFF8;
constexpr uintptr_t mtime_high = 0xBFFC;

// In this order the comparator never passes through a value that has already been reached.
void set_timer(uint64_t when) noexcept {
  const uintptr_t low = mtimecmp + 8 * core_id();
  clint(low + 4) = UINT32_MAX;
  clint(low) = static_cast<uint32_t>(when);
  clint(low + 4) = static_cast<uint32_t>(when >> 32);
}

uint64_t mtime() noexcept {
  for (;;) {  // twice at most: the upper word changes once in seven minutes
    const uint32_t high = clint(mtime_high);
    const uint32_t low = clint(mtime_low);
    if (clint(mtime_high) == high) {
      return uint64_t{high} << 32 | low;
    }
  }
}

void run_handler() noexcept {
  if (handler != nullptr) {
    handler();
  }
}

// What is raised from here on raises the interrupt anew.
void take_software_interrupt() noexcept {
  detail::hart& mine = detail::harts[core_id()];
  software_interrupt(core_id()) = 0;
  mine.event = 1;
  if (mine.raised != 0) {
    mine.raised = 0;
    run_handler();
  }
}

}  // namespace

constinit detail::hart detail::harts[core_count] = {};

void detail::start_timer() noexcept {
  set_timer(UINT64_MAX);  // it resets to 0: an interrupt would be pending
}

// instret, which QEMU scales like its time by 2^icount_shift: scaled back, a tick is an instruction.
// No branch, so that a reading always costs the same: the two upper readings differ only where the
// lower one wrapped in between, and then it is small, so that the earlier or the later upper word is
// the right one.
uint32_t ticks() noexcept {
  uint32_t high_before;
  uint32_t low;
  uint32_t high_after;
  asm volatile("csrr %0, minstreth\n\tcsrr %1, minstret\n\tcsrr %2, minstreth"
               : "=r"(high_before), "=r"(low), "=r"(high_after)::"memory");
  const uint32_t low_is_large = 0U - (low >> 31);
  const uint32_t high = (high_before & low_is_large) | (high_after & ~low_is_large);
  if constexpr (icount_shift == 0) {
    return low;
  } else {
    return high << (32 - icount_shift) | low >> icount_shift;
  }
}

void set_interrupt_handler(interrupt_handler new_handler) noexcept {
  handler = new_handler;
}

void raise_interrupt() noexcept {
  const irq_state state = irq_disable();
  harts[core_id()].raised = 1;
  software_interrupt(core_id()) = 1;
  asm volatile("fence" ::: "memory");
  // The interrupt may arrive an instruction or two after the write. Reading it back waits for it.
  [[maybe_unused]] const uint32_t raised = software_interrupt(core_id());
  irq_restore(state);
}

void arm_interrupt(uint32_t timer_ticks) noexcept {
  set_timer(mtime() + timer_ticks);
}

bool in_interrupt() noexcept {
  return harts[core_id()].in_trap;
}

// The trap's own register: nothing in a handler traps.
const void* interrupted_address() noexcept {
  const void* address;
  asm volatile("csrr %0, mepc" : "=r"(address));
  return address;
}

extern "C" {

[[gnu::interrupt("machine"), gnu::aligned(4)]] void acre_trap();

[[noreturn]] static void report_fault(uint32_t cause, const void* return_address) noexcept {
  uint32_t pc;
  uint32_t value;
  asm volatile("csrr %0, mepc\n\tcsrr %1, mtval" : "=r"(pc), "=r"(value));
  report_text("\ntrap: ");
  report_value("pc", pc);
  report_value("ra", reinterpret_cast<uint32_t>(return_address));
  report_value("cause", cause);
  report_value("tval", value);
  report_text("\n");
  exit(fault_exit_code);
}

// One entry for everything. Interrupts have the top bit of mcause set.
void acre_trap() {
  uint32_t cause;
  asm volatile("csrr %0, mcause" : "=r"(cause));
  detail::hart& mine = harts[core_id()];
  mine.in_trap =
      true;  // traps do not nest: interrupts stay disabled, and an exception ends the program
  switch (cause) {
    case 0x80000003:
      take_software_interrupt();
      break;
    case 0x80000007:
      detail::start_timer();
      run_handler();
      break;
    default:
      report_fault(cause, __builtin_return_address(0));
  }
  mine.in_trap = false;
}

}  // extern "C"

}  // namespace acre::platform
