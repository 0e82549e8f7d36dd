// SPDX-License-Identifier: MIT
// What the library of library_test exports: allocators in the library, with the library's own code.
#pragma once

#include <stddef.h>

namespace acre::test {

/// A lockfree_pool of `blocks` blocks over static memory; or thread_slabs, with a pointer and a hook for each
/// thread and memory from the operating system.
enum class plugin_kind { pool, slabs };

/// The function acre_test_plugin answers it.
struct plugin {
  /// A block of block_bytes; null iff there is none.
  void* (*allocate)() noexcept;
  /// True iff the block was live, and is given back.
  bool (*deallocate)(void* block) noexcept;
  /// Blocks that are live.
  size_t (*live)() noexcept;
  /// Gives all memory back. Nobody calls, then or later.
  void (*close)() noexcept;

  static constexpr size_t block_bytes = 64;
  static constexpr size_t blocks = 256;
};

using plugin_entry = const plugin* (*)(plugin_kind) noexcept;

}  // namespace acre::test
