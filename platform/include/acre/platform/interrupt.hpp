// SPDX-License-Identifier: MIT
// interrupt: one handler, raised by software or by a one-shot timer. Made for tests and demos that
// need a real interrupt between two chosen instructions; products have their own.
#pragma once

#include <stdint.h>

namespace acre::platform {

using interrupt_handler = void (*)() noexcept;

/// Sets the function that runs in interrupt context, on any core; null ignores interrupts.
void set_interrupt_handler(interrupt_handler handler) noexcept;

/// Raises an interrupt on this core: the handler has run when the call returns, or, if interrupts are disabled,
/// runs when they are enabled. Raising it twice before it is taken runs it once.
void raise_interrupt() noexcept;

/// Raises one interrupt after about `timer_ticks` (1 to 2^24 - 1) ticks of the platform's timer:
/// SysTick on Cortex-M, the generic timer on Cortex-A, the 10 MHz mtime on RISC-V. Arming again replaces the earlier one.
/// The timer is this core's. Hosts have none and raise it at once. Under -icount, one tick more moves the
/// interrupt by zero or one instruction, so counting up reaches every instruction of a function.
void arm_interrupt(uint32_t timer_ticks) noexcept;

/// True in an interrupt handler of this core (on Cortex-M, in any exception); on hosts, in the handler that
/// raise_interrupt() called on this thread.
[[nodiscard]] bool in_interrupt() noexcept;

/// The instruction in front of which the interrupt came that this core handles, where it goes on
/// afterwards. Null on hosts. Called in the handler; elsewhere it means nothing.
[[nodiscard]] const void* interrupted_address() noexcept;

}  // namespace acre::platform
