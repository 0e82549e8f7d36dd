// SPDX-License-Identifier: MIT
// By the timer's interrupt.
#include "interrupts/interrupted_call.hpp"

#include "interrupts/observed_call.hpp"

#include <acre/platform/interrupt.hpp>

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

progress state;
volatile uintptr_t at;
void (*volatile within)() noexcept;

void take() noexcept {
  at = address(platform::interrupted_address());
  if (within != nullptr) {
    within();
  }
  state.taken = 1;
}

[[gnu::noipa]] void empty() {}

// Out of line, so that as many instructions lie between the timer's start and the call each time.
[[gnu::noipa]] uintptr_t arm_and_run(const call& made, uint32_t timer_ticks) noexcept {
  platform::arm_interrupt(timer_ticks);
  return acre_sweep_run(made.function, made.arguments, &state);
}

}  // namespace

uintptr_t interrupted_at() noexcept {
  return at;
}

moment interrupted_when() noexcept {
  const uintptr_t here = at;
  if (here >= address(acre_sweep_after) && here < address(acre_sweep_end)) {
    return moment::after;
  }
  const bool before = here <= address(acre_sweep_call) &&
                      here >= address(reinterpret_cast<const void*>(&acre_sweep_run));
  return before ? moment::before : moment::inside;
}

uintptr_t interrupted(const call& made, uint32_t timer_ticks, void (*handler)() noexcept) noexcept {
  within = handler;
  state.taken = 0;
  platform::set_interrupt_handler(take);
  return arm_and_run(made, timer_ticks);
}

void by_itself(void (*handler)() noexcept) noexcept {
  within = handler;
  platform::set_interrupt_handler(take);
  platform::raise_interrupt();
}

bool comes_in_order() noexcept {
  return true;
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
