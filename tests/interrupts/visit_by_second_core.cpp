// SPDX-License-Identifier: MIT
// By the second core of Arm's SSE-200 subsystem (MPS2 with AN521): it does the work while core 0 stands in
// front of one of its instructions.
//
// What makes core 0 stand there is a non-maskable interrupt of the watchdog: it comes where interrupts are
// masked, too, and says where it came. Its handler lets core 1 work, and waits until that is done. If core 1
// waits for what core 0 holds, a spin lock, the handler ends, core 0 goes on, and core 1 goes on as soon as
// it may. The exception clears core 0's exclusive monitor, as another core's store does: an exchange in two
// instructions that is visited in between tries again.
//
// Where the turn of core 1 is limited, the watchdog ends it, without an interrupt: a deadline under -icount
// ends the turn of whichever core runs, exactly. Core 1 goes on when core 0 waits for it.
//
// Core 1 sleeps in between, and is woken by the message handling unit: a core that polled would use up
// instructions, which are the time that core 0's are placed by.
// Sources: Arm CoreLink SSE-200 TRM, Arm Cortex-M System Design Kit TRM, "APB watchdog".
#include "interrupts/visit.hpp"

#include <acre/platform/cores.hpp>

namespace acre::test::sweep {

namespace {

volatile uint32_t& device(uintptr_t address) noexcept {
  return *reinterpret_cast<volatile uint32_t*>(address);
}

// --- the watchdog, at its secure address

constexpr uintptr_t watchdog_load = 0x50081000;
constexpr uintptr_t watchdog_control = 0x50081008;
constexpr uintptr_t watchdog_clear = 0x5008100C;
constexpr uint32_t watchdog_interrupts = 1;  // and no reset

// --- the message handling unit 0, at its secure address

constexpr uintptr_t message_set = 0x50003014;    // to core 1
constexpr uintptr_t message_clear = 0x50003018;  // by core 1
constexpr uint32_t message_interrupt = 6;

// --- of the System Control Space

constexpr uintptr_t nvic_enable = 0xE000E100;
constexpr uintptr_t nvic_clear_pending = 0xE000E280;
constexpr uintptr_t interrupt_control = 0xE000ED04;
constexpr uint32_t nmi_set_pending = 1U << 31;
constexpr uintptr_t vector_table = 0xE000ED08;

// Core 1 gives its turn back where it waits for an event, which is where it waits for a lock, or where its
// work is done. It has had enough turns to end what waits for nothing.
constexpr uint32_t turns_max = 32;

visit_work volatile work;
const void* volatile at;
volatile uint32_t working;
volatile bool waited;
volatile uint32_t turn_ticks;  // 0: no limit

// The interrupt is pending, which ends the sleep, but is never taken.
[[noreturn]] void serve(void*) {
  asm volatile("cpsid i" ::: "memory");
  device(nvic_enable) = 1U << message_interrupt;
  for (;;) {
    asm volatile("dsb\n\twfi" ::: "memory");
    device(message_clear) = 1;
    device(nvic_clear_pending) = 1U << message_interrupt;
    if (working != 0) {
      work();
      working = 0;
      platform::send_event();
    }
  }
}

}  // namespace

extern "C" {

[[gnu::used]] void acre_sweep_visit(const uint32_t* frame) {
  static constexpr unsigned pc = 6;  // what an exception pushes: r0 to r3, r12, lr, pc, psr
  device(watchdog_control) = 0;      // it counts on, without an interrupt
  at = reinterpret_cast<const void*>(frame[pc]);
  working = 1;
  asm volatile("dsb" ::: "memory");
  const uint32_t limit = turn_ticks;
  if (limit != 0) {
    device(watchdog_load) = limit;
  }
  device(message_set) = 1;
  for (uint32_t turn = 0; working != 0 && turn < (limit != 0 ? 1 : turns_max); ++turn) {
    platform::wait_for_event();
  }
  device(watchdog_load) = UINT32_MAX;
  waited = working != 0;
}

// The frame lies where the stack pointer points at entry: there is one stack.
[[gnu::naked]] static void take_nmi() {
  asm volatile(
      "mov r0, sp\n\t"
      "b acre_sweep_visit");
}
}

namespace {

// A visitor that had to wait may be in its last instructions. One whose turn ended behind them, since the
// watchdog counted to its end just then, has yet to go to sleep: what it did on the way would be missing
// from core 0's time. The event is for the wait that gives it the turn.
void await_the_last() noexcept {
  while (working != 0) {
    platform::wait_for_event();
  }
  platform::send_event();
  platform::wait_for_event();
}

void set_up() noexcept {
  constexpr unsigned entries = 16;
  constexpr unsigned nmi = 2;
  alignas(128) static uint32_t vectors[entries];
  const auto* const found = reinterpret_cast<const uint32_t*>(device(vector_table));
  for (unsigned i = 0; i < entries; ++i) {
    vectors[i] = found[i];
  }
  vectors[nmi] = reinterpret_cast<uint32_t>(&take_nmi);
  device(vector_table) = reinterpret_cast<uint32_t>(vectors);
  asm volatile("dsb\n\tisb" ::: "memory");
  platform::start_core(1, serve, nullptr);
}

}  // namespace

void prepare_visits(visit_work what) noexcept {
  static bool prepared = false;
  if (!prepared) {
    prepared = true;
    set_up();
  }
  await_the_last();
  work = what;
}

void arm_visit(uint32_t timer_ticks) noexcept {
  // Loaded last: a watchdog that ends a count before the interrupt of the one before is cleared takes that
  // for its second, at which it stops.
  device(watchdog_clear) = 0;
  device(watchdog_control) = watchdog_interrupts;
  device(watchdog_load) = timer_ticks;
}

void raise_visit() noexcept {
  device(interrupt_control) = nmi_set_pending;
  asm volatile("dsb\n\tisb" ::: "memory");  // taken here
  await_the_last();
}

void limit_turn(uint32_t timer_ticks) noexcept {
  turn_ticks = timer_ticks;
}

const void* visited_address() noexcept {
  return at;
}

bool visitor_waited() noexcept {
  return waited;
}

}  // namespace acre::test::sweep
