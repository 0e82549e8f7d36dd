// SPDX-License-Identifier: MIT
// process_source: the one os_source that a process shares.
#pragma once

#include <acre/detail/api.h>
#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI {

/// A region_source without state: all of them are the same one. Any thread may call it (process_lock). Usable
/// from the first static initialiser to the last static destructor. Keeps up to 4 MiB that came back for the
/// next. Cost: as os_source, and the lock.
struct ACRE_API process_source {
  [[nodiscard]] static region acquire(size_t bytes) noexcept;
  static void release(region memory) noexcept;
  [[nodiscard]] static size_t granularity() noexcept;
};

static_assert(region_source<process_source>);

}  // namespace acre
