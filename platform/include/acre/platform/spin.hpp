// SPDX-License-Identifier: MIT
// spin: what a lock that several cores contend for needs of a platform.
#pragma once

#include <stdint.h>

#include <acre/platform/cores.hpp>

namespace acre::platform {

/// Who asks, as a number that is never 0: the core; on hosts, where threads are what runs at once, the
/// thread.
[[nodiscard]] inline uintptr_t spin_token() noexcept;

/// Between two looks at a lock that somebody else holds; `turn` counts them from 0. Arm sleeps until an
/// event, and others hint that the core spins. A compiler barrier.
inline void spin_wait(uint32_t turn) noexcept;

/// Wakes who sleeps in spin_wait(), after what was written before. A compiler barrier.
inline void spin_notify() noexcept;

}  // namespace acre::platform

#include <acre/platform/arch/spin.hpp>  // the definitions, and runs_at_once: is there anybody else?
