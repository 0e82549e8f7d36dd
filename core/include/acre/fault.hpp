// SPDX-License-Identifier: MIT
// fault: how misuse and corruption are told to the product.
//
// Exhaustion is not a fault: it is a null result. Misuse (a double, foreign, interior or misaligned
// free, a wrong size, a release out of order) is found before anything changes; the hook is told,
// and then the call is refused, or the program traps, as the configuration says. Corruption always
// traps after the hook, because nothing that an allocator does with broken metadata is safe.
#pragma once

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>
#include <acre/status.hpp>

namespace acre::inline ACRE_ABI {

struct fault {
  status code;
  const void* address;    ///< what the caller passed, or where the corruption was seen
  const void* allocator;  ///< the allocator's engine; wrong_context: the allocator
  const void* call_site;  ///< an instruction in the caller; null where it is not known
};

/// Told of every fault. Runs in the context of the faulty call, with the allocator's lock held (of
/// wrong_context without), so it must not call that allocator; at full such a call is refused. It may not
/// return (reset, longjmp, a test's escape).
using fault_hook = void (*)(const fault&) noexcept;

/// Installs `hook` (null for none) for all allocators and returns the previous one. Not
/// synchronised: call it before interrupts and threads use an allocator.
ACRE_API fault_hook set_fault_hook(fault_hook hook) noexcept;

namespace detail {

/// Tells the hook of misuse; traps if so configured, else returns `code`.
[[gnu::cold]] ACRE_API status raise_misuse(status code, const void* address, const void* allocator,
                                           const void* call_site) noexcept;

/// Tells the hook of corruption, then traps.
[[noreturn, gnu::cold]] ACRE_API void raise_corruption(const void* address,
                                                       const void* allocator) noexcept;

}  // namespace detail
}  // namespace acre
