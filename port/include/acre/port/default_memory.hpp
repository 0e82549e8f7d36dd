// SPDX-License-Identifier: MIT
// default_memory: the memory of the process that acre::allocator<T> takes from.
//
//   std::vector<order, acre::allocator<order>> orders;      // one word a pointer, no allocator inside
#pragma once

#include <acre/detail/api.h>
#include <acre/allocator_ref.hpp>
#include <acre/detail/abi.hpp>
#include <acre/port/std_allocator.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI {

/// Takes from whatever the program chose with set_default_memory(), and before that, or where it never
/// does, from a general_memory that grows from the operating system, in front of which each thread has a
/// cache (hosted::thread_cache; without CONFIG_ACRE_PORT_THREADS there is a lock, process_lock). Usable
/// from the first static initialiser to the last static destructor; what was never freed is given back by the
/// end of the process.
///
/// Cost: an indirect call more than the allocator behind it. Contexts: as that allocator.
struct ACRE_API default_memory {
  [[nodiscard]] static void* allocate(layout wanted) noexcept {
    return current_.allocate(wanted);
  }
  static status deallocate(void* block, layout given) noexcept {
    return current_.deallocate(block, given);
  }
  [[nodiscard]] static bool owns(const void* p) noexcept {
    return current_.owns(p);
  }
  [[nodiscard]] static const void* target() noexcept {
    return current_.target();
  }
  friend constexpr bool operator==(default_memory, default_memory) noexcept = default;

 private:
  friend status set_default_memory(allocator_ref chosen) noexcept;

  static allocator_ref current_;
};

/// Makes `chosen`, which must live as long as anything from it, the default; a default-constructed reference
/// returns to the built-in one. Call it early in main(), before there are other threads.
/// Requires that nothing from the previous default is live: it would be given back to the wrong allocator,
/// which refuses it as foreign. Returns ok; or out_of_order, and nothing has changed, if that is known to be
/// so: blocks of the built-in memory are live.
[[nodiscard]] ACRE_API status set_default_memory(allocator_ref chosen) noexcept;

/// What the built-in memory has: all zero if the program never needed it. Blocks that threads keep in their
/// caches are free; it is exact when no other thread calls.
[[nodiscard]] ACRE_API usage built_in_memory_usage() noexcept;

/// The stateless allocator: an empty class, and all are equal.
template <class T>
using allocator = std_allocator<T, default_memory>;

}  // namespace acre
