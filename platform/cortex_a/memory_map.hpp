// SPDX-License-Identifier: MIT
// memory_map: what Cortex-A needs before memory is ordinary: without the MMU all of it is strongly
// ordered, where hardware need not have exclusive accesses.
#pragma once

namespace acre::platform::detail {

/// Maps each address to itself, on this core: devices below RAM, and RAM, shared between the cores. The
/// 1 MiB below the stack of core 0 is left out, so that an overflow faults.
void map_memory() noexcept;

}  // namespace acre::platform::detail
