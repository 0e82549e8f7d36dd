// SPDX-License-Identifier: MIT
// irq: disable interrupts for a few instructions, and restore what was before.
//
// Inline, because an allocator's critical section is often shorter than a call. Each function is
// also a compiler barrier: no memory access moves across it.
#pragma once

#include <stdint.h>

namespace acre::platform {

/// What irq_disable found: 0, interrupts were enabled; 1, they were disabled already.
using irq_state = uint32_t;

/// Disables interrupts on this core; returns the state to give to irq_restore.
[[nodiscard]] inline irq_state irq_disable() noexcept;

/// Restores the state that the matching irq_disable returned. An interrupt that waited is taken
/// before the next access to memory.
inline void irq_restore(irq_state state) noexcept;

/// True iff irq_disable() was not called. A raised ceiling is not seen.
[[nodiscard]] inline bool irq_enabled() noexcept;

/// False in a handler that irq_disable() could not have held back: NMI and HardFault of Cortex-M. What
/// they interrupt may be in the middle of what irq_disable() protects.
[[nodiscard]] inline bool irq_maskable() noexcept;

namespace detail {

// Where has_irq_ceiling: BASEPRI becomes `ceiling`, unless it masks more already; the answer is for
// irq_restore_ceiling. Both are compiler barriers.
template <bool Cortex_m7_r0p1>
[[nodiscard]] inline irq_state irq_raise_ceiling(uint32_t ceiling) noexcept;
inline void irq_restore_ceiling(irq_state state) noexcept;

/// True iff the caller runs at a priority that this ceiling holds back: the main program, and handlers
/// of the ceiling's urgency or less.
[[nodiscard]] bool irq_below_ceiling(uint32_t ceiling) noexcept;

}  // namespace detail

}  // namespace acre::platform

#include <acre/platform/arch/irq.hpp>  // the definitions, from the platform that was chosen
