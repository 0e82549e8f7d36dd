// SPDX-License-Identifier: MIT
// workloads: what programs do with memory, as opposed to the shapes, which are made to be slow.
//   W1  pairs: a block of 32 bytes is taken and given back at once
//   W2  the region is filled, then everything is given back in a random order; again and again
//   W3  sizes of 8 to 511 bytes, log-uniform: a random live block is given back and another one taken
//   W5  buffers of a network: 64, 128, 576 or 1514 bytes, first in, first out
//   W6  as W3, every second request aligned to 64 bytes
//   W7  as W3, blocks are resized
#pragma once

#include "session.hpp"

namespace acre::certify {

/// Each that the subject can do, with its own scenario; prints mean and percentile of each operation.
void run_workloads(const subject& s);

/// The two that say how much memory an allocator wastes.
enum class workload { log_uniform, network };

inline constexpr unsigned network_blocks = 30;

/// Runs one on the first `bytes` of the region; false at the first request that was not served.
bool survives(const subject& s, workload w, uint32_t seed, size_t bytes);

/// The most bytes that are requested and live at a time, with any allocator that serves all requests.
size_t peak_payload(workload w, uint32_t seed);

}  // namespace acre::certify
