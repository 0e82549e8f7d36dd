// SPDX-License-Identifier: MIT
// mmap_source: regions from mmap, on Linux and other POSIX systems.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/port/basic_os_source.hpp>

namespace acre::inline ACRE_ABI {

/// See basic_os_source, and os_options for what it can do.
using mmap_source = basic_os_source<port::posix_memory>;

// Compiled once, in src/mmap_source.cpp.
extern template class basic_os_source<port::posix_memory>;

}  // namespace acre
