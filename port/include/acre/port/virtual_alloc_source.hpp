// SPDX-License-Identifier: MIT
// virtual_alloc_source: regions from VirtualAlloc, on Windows.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/port/basic_os_source.hpp>

namespace acre::inline ACRE_ABI {

/// See basic_os_source, and os_options for what it can do. Transparent huge pages there are none; explicit
/// ones ("large pages") need the privilege SeLockMemoryPrivilege, and mappings never change their kind.
using virtual_alloc_source = basic_os_source<port::windows_memory>;

// Compiled by each program, and not in the library: of a template, GCC exports no inline functions to a DLL.

}  // namespace acre::inline ACRE_ABI
