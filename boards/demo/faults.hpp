// SPDX-License-Identifier: MIT
// faults: what the node does when acre refuses a call: it says so, counts, and goes on.
#pragma once

#include <stddef.h>

namespace demo {

/// Makes acre report to this file.
void watch_faults() noexcept;

[[nodiscard]] size_t fault_count() noexcept;

}  // namespace demo
