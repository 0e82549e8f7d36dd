// SPDX-License-Identifier: MIT
// What the probes share: tools/size.py links each probe and subtracts a firmware that does nothing.
#pragma once

#include <stddef.h>

#include <acre/policies.hpp>
#include <acre/region.hpp>

// The region is the linker's, so that its bytes are in no section that is counted. Its size is a
// constant, as that of a static_region is.
extern "C" char acre_heap_begin[];

namespace probe {

using policies = acre::policies<acre::no_lock, acre::checks<acre::check_level::ACRE_SIZE_LEVEL>,
                                acre::no_observer>;

inline acre::region region() noexcept {
  return {acre_heap_begin, 4096};
}

/// The value, in a way that the compiler knows nothing of it.
template <class T>
inline T opaque(T value) noexcept {
  __asm__ volatile("" : "+r"(value));
  return value;
}

/// Initialise, allocate and deallocate once, with a size that is known only at run time.
template <class Allocator>
inline int use(Allocator& allocator) noexcept {
  if (allocator.init(region()) != acre::status::ok) {
    return 1;
  }
  const size_t size = opaque<size_t>(24);
  void* block = opaque(allocator.allocate(size));
  return static_cast<int>(allocator.deallocate(block, size));
}

}  // namespace probe
