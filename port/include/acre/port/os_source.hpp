// SPDX-License-Identifier: MIT
// os_source: the source of the operating system that this is compiled for.
#pragma once

#if defined(_WIN32)
#include <acre/port/virtual_alloc_source.hpp>
#else
#include <acre/detail/abi.hpp>
#include <acre/port/mmap_source.hpp>
#endif

namespace acre::inline ACRE_ABI {

/// Regions from the operating system: a region_source for growing, arena and chunk_group. Options by the
/// constructor, or by configure() before the first region: `heap.source().configure({.guard_pages = true})`.
#if defined(_WIN32)
using os_source = virtual_alloc_source;
#else
using os_source = mmap_source;
#endif

namespace port {
#if defined(_WIN32)
using native_memory = windows_memory;
#else
using native_memory = posix_memory;
#endif
}  // namespace port

static_assert(region_source<os_source>);

}  // namespace acre
