// SPDX-License-Identifier: MIT
// The counter, the one-shot timer and the software interrupt of Cortex-M: SysTick for the first two,
// PendSV for the third.
//
// SysTick counts down from its reload value. As the free-running counter it has the longest period
// and no interrupt; arm_interrupt borrows it for one short period, and the handler gives it back.
// The count goes on across the change, so that ticks() never jumps back.
#include <acre/platform/cores.hpp>
#include <acre/platform/counter.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq.hpp>

#include "../bare_metal/runtime.hpp"
#include "exception_frame.hpp"
#include "registers.hpp"

namespace acre::platform {

namespace {

using detail::exception_frame;

struct count {
  uint32_t base;    // ticks() when SysTick last read 0
  uint32_t period;  // ticks from one 0 to the next
  uint32_t last;    // ticks since that 0, at the latest reading
};

count counts[core_count];  // each core has a SysTick

interrupt_handler handler = nullptr;

const void* interrupted[core_count];  // interrupted_address() of each core

// Interrupts are disabled.
void restart_timer(uint32_t period, uint32_t control) noexcept {
  count& counter = counts[core_id()];
  detail::systick_control() = 0;
  detail::interrupt_control() = detail::systick_clear_pending;
  counter.base += counter.last;
  counter.last = 0;
  counter.period = period;
  detail::systick_reload() = period - 1;
  detail::systick_value() = 0;  // any value: it starts anew from the reload value
  detail::systick_control() = control | detail::systick_core_clock | detail::systick_enable;
}

// Interrupts are disabled. No branch: a reload in between must not cost an instruction more.
uint32_t read_counter() noexcept {
  count& counter = counts[core_id()];
  const uint32_t value = detail::systick_value();
  // Ticks since it last read 0, which it also does after it was started, until the first tick.
  const uint32_t now = (counter.period - value) & (0U - static_cast<uint32_t>(value != 0));
  const uint32_t reloaded = 0U - static_cast<uint32_t>(now < counter.last);
  counter.base += counter.period & reloaded;
  counter.last = now;
  return counter.base + now;
}

void run_handler(const exception_frame* frame) noexcept {
  interrupted[core_id()] = reinterpret_cast<const void*>(frame->pc);
  if (handler != nullptr) {
    handler();
  }
}

}  // namespace

void detail::start_timer() noexcept {
  restart_timer(detail::systick_max + 1, 0);
}

uint32_t ticks() noexcept {
  const irq_state state = irq_disable();
  const uint32_t result = read_counter();
  irq_restore(state);
  return result;
}

void set_interrupt_handler(interrupt_handler new_handler) noexcept {
  handler = new_handler;
}

void raise_interrupt() noexcept {
  detail::interrupt_control() = detail::pendsv_set_pending;
  asm volatile("dsb\n\tisb" ::: "memory");  // taken here, if interrupts are enabled
}

void arm_interrupt(uint32_t timer_ticks) noexcept {
  const irq_state state = irq_disable();
  read_counter();
  restart_timer(timer_ticks + 1, detail::systick_interrupt);
  irq_restore(state);
}

bool in_interrupt() noexcept {
  return detail::exception_number() != 0;
}

// Read by words, which is the only width on Armv6-M. A handler of NMI or HardFault has no priority that
// can be set, and is above every ceiling.
bool detail::irq_below_ceiling(uint32_t ceiling) noexcept {
  const uint32_t number = exception_number();
  if (number == 0) {
    return true;
  }
  if (!irq_maskable()) {
    return false;
  }
  const uintptr_t address = priority_address(number);
  const uint32_t priority = (scs_register(address & ~uintptr_t{3}) >> 8 * (address & 3)) & 0xFF;
  const uint32_t compared = 0xFFU << (priority_grouping() + 1);
  return (priority & compared) >= (ceiling & compared);
}

const void* interrupted_address() noexcept {
  return interrupted[core_id()];
}

extern "C" {

void acre_take_pendsv(const exception_frame* frame);
void acre_take_systick(const exception_frame* frame);

// The frame lies where the stack pointer points at entry: there is one stack. A jump through a register,
// because a branch of v6-M does not reach far.
[[gnu::naked]] void acre_pendsv();
void acre_pendsv() {
  asm volatile(
      ".syntax unified\n\t"
      "mov r0, sp\n\t"
      "ldr r1, =acre_take_pendsv\n\t"
      "bx r1\n\t"
      ".ltorg");
}

[[gnu::naked]] void acre_systick();
void acre_systick() {
  asm volatile(
      ".syntax unified\n\t"
      "mov r0, sp\n\t"
      "ldr r1, =acre_take_systick\n\t"
      "bx r1\n\t"
      ".ltorg");
}

[[gnu::used]] void acre_take_pendsv(const exception_frame* frame) {
  run_handler(frame);
}

// A short period may have ended again on the way here, so the restart also drops what is pending.
[[gnu::used]] void acre_take_systick(const exception_frame* frame) {
  const irq_state state = irq_disable();
  read_counter();
  restart_timer(detail::systick_max + 1, 0);
  irq_restore(state);
  run_handler(frame);
}

}  // extern "C"

}  // namespace acre::platform
