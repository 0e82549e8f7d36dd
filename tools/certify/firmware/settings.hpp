// SPDX-License-Identifier: MIT
// settings: what the driver decides for one image, by macros on the command line, and what follows.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace acre::certify::settings {

/// An instruction takes 2^icount_shift ns of QEMU's time.
inline constexpr unsigned icount_shift = ACRE_CERTIFY_SHIFT;

/// Picoseconds a tick of the meter's timer.
inline constexpr uint64_t tick_ps = ACRE_CERTIFY_TICK_PS;

inline constexpr size_t region_bytes = ACRE_CERTIFY_REGION;

/// With few blocks and few calls, each of which prints its count: for the comparison with a trace.
inline constexpr bool tracing = ACRE_CERTIFY_TRACE != 0;

/// With an interrupt lock. Of files in kinds/ only: the others are compiled once.
inline constexpr bool locked = ACRE_CERTIFY_LOCKED != 0;

/// Steps of a steady state, after it was filled.
inline constexpr unsigned steps = tracing ? 20 : ACRE_CERTIFY_STEPS;

/// Blocks that are live in the steady states of small blocks.
inline constexpr unsigned steady_blocks = tracing ? 8 : ACRE_CERTIFY_LIVE;

/// Sequences that the search for the worst call tries for each operation.
inline constexpr unsigned tries = tracing ? 2 : ACRE_CERTIFY_TRIES;

/// The most blocks that are live at a time. 16 KiB of RAM hold no list of all blocks of 8 bytes.
/// W5 has 30 of them, in a trace as well.
inline constexpr size_t live_max = tracing ? 32 : region_bytes / (region_bytes < 65536 ? 16 : 8);

/// A region that begins 16 bytes behind a round address: the worst for buddy, whose tree then spans
/// twice the region.
inline constexpr size_t unaligned_by = 16;

/// Network buffers fit into large regions only: see workloads.hpp.
inline constexpr bool has_network = region_bytes >= 65536;

}  // namespace acre::certify::settings
