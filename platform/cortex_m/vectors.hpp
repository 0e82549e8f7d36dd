// SPDX-License-Identifier: MIT
// vectors: the vector table of Cortex-M.
#pragma once

#include <stddef.h>

namespace acre::platform::detail {

union vector {
  const void* stack;
  void (*code)();
};

/// The entries of the architecture: no external interrupt is ever enabled here.
inline constexpr size_t vector_count = 16;

}  // namespace acre::platform::detail

extern "C" const acre::platform::detail::vector acre_vectors[acre::platform::detail::vector_count];
