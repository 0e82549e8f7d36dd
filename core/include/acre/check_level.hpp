// SPDX-License-Identifier: MIT
// check_level: how much an engine verifies. Every engine exists at all levels in one program.
#pragma once

#include <stdint.h>

#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI {

enum class check_level : uint8_t {
  none,   ///< trusts the caller: misuse is undefined behaviour
  basic,  ///< pool, slab, buddy and stack find every bad free before anything changes, in O(1)
  full,  ///< basic, and O(block): freed memory is filled; pool, slab and buddy verify the fill when
  ///< they hand the memory out again. Calls from the wrong context are found (call_guard.hpp)
};

}  // namespace acre
