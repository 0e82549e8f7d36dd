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

/// True iff an interrupt would be taken now.
[[nodiscard]] inline bool irq_enabled() noexcept;

}  // namespace acre::platform

#include <acre/platform/arch/irq.hpp>  // the definitions, from the platform that was chosen
