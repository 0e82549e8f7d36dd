// SPDX-License-Identifier: MIT
// status: the outcome of every call that can fail other than by exhaustion.
#pragma once

#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI {

enum class status : uint8_t {
  ok,
  exhausted,            ///< no room; nothing changed
  not_initialised,      ///< init() has not succeeded on this allocator
  invalid_argument,     ///< a null, overflowing or wrapping argument
  region_too_small,     ///< not one block fits beside the metadata
  region_too_large,     ///< more blocks than the engine can number
  region_out_of_reach,  ///< below the first region, or too far above it
  double_free,          ///< the block is not live: freed already, or never handed out
  foreign_pointer,      ///< the address is outside the allocator's blocks
  interior_pointer,     ///< the address is inside a block, not at its start
  misaligned_pointer,   ///< the address is not a multiple of the block alignment
  wrong_size,           ///< the layout does not fit the block at this address
  out_of_order,         ///< a stack release that is not the newest first
  wrong_context,        ///< called where the lock may not be taken, or during a call (at full)
  corrupted,            ///< metadata or freed memory was overwritten
};

/// True for the codes that name a caller's mistake: these raise a fault.
constexpr bool is_misuse(status code) noexcept {
  return code >= status::double_free && code <= status::wrong_context;
}

/// The name of `code` as written above, or "" in builds without CONFIG_ACRE_FAULT_TEXT. Static
/// storage; callable from any context.
ACRE_API const char* to_string(status code) noexcept;

}  // namespace acre
