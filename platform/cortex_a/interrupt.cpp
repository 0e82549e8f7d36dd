// SPDX-License-Identifier: MIT
// The counter, the one-shot timer and the software interrupt of Cortex-A: the generic timer, whose virtual
// counter all cores share and whose comparator each has, and a software-generated interrupt.
#include <acre/platform/counter.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq.hpp>

#include "../bare_metal/runtime.hpp"
#include "gic.hpp"

namespace acre::platform {

namespace {

interrupt_handler handler = nullptr;

const void* interrupted[core_count];  // interrupted_address() of each core

void set_timer_control(uint32_t value) noexcept {
  asm volatile("mcr p15, 0, %0, c14, c3, 1\n\tisb" ::"r"(value) : "memory");  // CNTV_CTL
}

}  // namespace

void detail::start_timer() noexcept {
  set_timer_control(0);  // the counter runs anyway
}

uint32_t ticks() noexcept {
  uint32_t low;
  uint32_t high;
  asm volatile("isb\n\tmrrc p15, 1, %0, %1, c14" : "=r"(low), "=r"(high)::"memory");  // CNTVCT
  return low;
}

void set_interrupt_handler(interrupt_handler new_handler) noexcept {
  handler = new_handler;
}

void raise_interrupt() noexcept {
  detail::gic_raise_here();
  asm volatile("dsb\n\tisb" ::: "memory");  // taken here, if interrupts are enabled
}

void arm_interrupt(uint32_t timer_ticks) noexcept {
  asm volatile("mcr p15, 0, %0, c14, c3, 0" ::"r"(timer_ticks) : "memory");  // CNTV_TVAL
  set_timer_control(1);
}

bool in_interrupt() noexcept {
  return detail::gic_active();
}

const void* interrupted_address() noexcept {
  return interrupted[core_id()];
}

extern "C" {

void acre_interrupt(const void* return_address);
void acre_interrupt(const void* return_address) {
  interrupted[core_id()] = return_address;
  const uint32_t acknowledged = detail::gic_begin();
  const uint32_t number = acknowledged & 0x3FF;
  if (number == detail::gic_timer) {
    set_timer_control(0);
  }
  if (number == detail::gic_event) {
    detail::event_seen[core_id()] = 1;
  }
  if (handler != nullptr && (number == detail::gic_timer || number == detail::gic_software)) {
    handler();
  }
  constexpr uint32_t spurious = 1023;
  if (number != spurious) {
    detail::gic_end(acknowledged);
  }
}

}  // extern "C"

}  // namespace acre::platform
