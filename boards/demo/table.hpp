// SPDX-License-Identifier: MIT
// table: the figures of each allocator, as a person reads them.
#pragma once

namespace demo {

/// Prints a line for each allocator of the plan. Columns and cells that depend on the width of a
/// pointer, and so differ between a board and a 64-bit host, are marked with a star.
void print_table() noexcept;

}  // namespace demo
