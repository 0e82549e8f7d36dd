// SPDX-License-Identifier: MIT
// memory_map: memory as text, a letter for every 32 bytes. Drawn from what the allocators tell of
// themselves: no allocator keeps anything for it.
#pragma once

#include <stddef.h>

#include "memory.hpp"

namespace demo {

/// A picture of one moment, to be printed later.
class memory_map {
 public:
  static constexpr size_t cell_bytes = 32;
  static constexpr size_t cells_max = 66;

  /// Draws all allocators of the plan as they are now.
  void draw() noexcept;
  void print(const char* title) const noexcept;

 private:
  char rows_[allocator_count][cells_max + 1] = {};  // each ends with '\0'
  uint32_t time_ms_ = 0;
};

void print_legend() noexcept;

/// The bytes in use in all allocators of the plan.
[[nodiscard]] size_t bytes_in_use() noexcept;

}  // namespace demo
