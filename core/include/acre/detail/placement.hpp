// SPDX-License-Identifier: MIT
// Placement new without <new>. The tag type keeps the overload apart from the standard one, so that
// both can be present in a hosted program, and always_inline keeps every `operator new` symbol out
// of a firmware image.
#pragma once

#include <stddef.h>

#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::detail {

struct placement {
  void* where;
};

}  // namespace acre::detail

[[gnu::always_inline]] inline void* operator new(size_t, acre::detail::placement at) noexcept {
  return at.where;
}

// Called by the language only when a constructor throws, which no constructor here may do.
[[gnu::always_inline]] inline void operator delete(void*, acre::detail::placement) noexcept {}
