// SPDX-License-Identifier: MIT
// By the second core, on mps2-an521: what would be the handler runs on core 1, while core 0 stands in front
// of one of its instructions. No interrupt, so that exclusive accesses and masked stretches are hit as well.
//
// Under -icount QEMU's cores take turns, and a deadline of a timer ends a turn, exactly, whether or not the
// timer interrupts. So core 0 starts SysTick without its interrupt, and its turn ends k ticks later; core 1
// has waited for its turn in a WFE, which gives the turn back. Where core 0 stood is not known here:
// sweep.py reads it from a trace of the run.
#include "interrupts/interrupted_call.hpp"

#include "interrupts/observed_call.hpp"

#include <acre/platform/cores.hpp>

extern "C" [[gnu::noipa]] void acre_sweep_other_core() noexcept;

namespace acre::test::sweep {

namespace {

progress state;
volatile uint32_t go;
volatile moment when;
void (*volatile within)() noexcept;

void serve(void*) {
  for (;;) {
    while (go == 0) {
      platform::wait_for_event();
    }
    go = 0;
    acre_sweep_other_core();
    state.taken = 1;
  }
}

// Core 1 will run the handler when its turn comes.
void send(void (*handler)() noexcept) noexcept {
  static bool started = false;
  if (!started) {
    started = true;
    platform::start_core(1, serve, nullptr);
  }
  within = handler;
  state.taken = 0;
  state.returned = 0;
  go = 1;
}

// SysTick of Armv8-M: one period of `timer_ticks`, then the longest, so that core 1 has its time.
void start_deadline(uint32_t timer_ticks) noexcept {
  auto* const systick = reinterpret_cast<volatile uint32_t*>(0xE000E010);
  systick[0] = 0;
  systick[1] = timer_ticks;
  systick[2] = 0;
  systick[0] = 5;  // the processor's clock, no interrupt
  for (int i = 0; i < 4; ++i) {
    asm volatile("nop");  // the timer takes its period over at its first tick
  }
  systick[1] = 0x00FF'FFFF;
}

}  // namespace

uintptr_t interrupted_at() noexcept {
  return 0;
}

moment interrupted_when() noexcept {
  return when;
}

// Out of line, so that as many instructions lie between the timer's start and the call each time.
[[gnu::noipa]] uintptr_t interrupted(const call& made, uint32_t timer_ticks,
                                     void (*handler)() noexcept) noexcept {
  send(handler);
  start_deadline(timer_ticks);
  const uintptr_t result = acre_sweep_run(made.function, made.arguments, &state);
  start_deadline(0x00FF'FFFF);
  return result;
}

void by_itself(void (*handler)() noexcept) noexcept {
  send(handler);
  while (state.taken == 0) {
    platform::wait_for_event();
  }
}

// QEMU ends turns for reasons of its own, too.
bool comes_in_order() noexcept {
  return false;
}

// Turns end before the call as well: then core 1 comes first.
uint32_t first_ticks() noexcept {
  return 20;
}

}  // namespace acre::test::sweep

void acre_sweep_other_core() noexcept {
  using namespace acre::test::sweep;
  when = state.returned != 0 ? moment::after : moment::inside;
  within();
}
