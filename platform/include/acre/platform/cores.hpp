// SPDX-License-Identifier: MIT
// cores: more than one core in one program. Core 0 runs acre_main(); the others sleep until they are
// started, each with a stack of its own. Boards of one core have the same functions and nothing to start.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/platform/board.hpp>

namespace acre::platform {

/// What a core runs. It must return: then the core sleeps, and can be started again.
using core_entry = void (*)(void* argument);

/// The core that asks: 0 to core_count - 1.
[[nodiscard]] inline uint32_t core_id() noexcept;

/// Lets core `id` run `entry(argument)`, and returns at once. What was written before the call, the other
/// core sees. Requires 0 < id < core_count and a core that is not running; called on core 0.
void start_core(uint32_t id, core_entry entry, void* argument) noexcept;

/// Returns when core `id` is not running (any more). What it wrote, the caller then sees.
void wait_for_core(uint32_t id) noexcept;

/// Runs `entry(argument)` on every core, this one included, and returns when all have returned. Called
/// on core 0.
void run_on_all(core_entry entry, void* argument) noexcept;

/// Sleeps until another core calls send_event(), an interrupt arrives, or for no reason: the caller tests
/// in a loop what it waits for. An event since the last call is remembered, so that none is missed between
/// the test and the call. Under -icount a core that spins instead uses up the time of all.
void wait_for_event() noexcept;

/// Wakes every core that waits for an event, after what was written before.
void send_event() noexcept;

}  // namespace acre::platform

#include <acre/platform/arch/cores.hpp>  // core_id, from the platform that was chosen
