// SPDX-License-Identifier: MIT
// subject: an allocator as the certificate sees it, a table of out-of-line calls. Which arguments a
// call takes, and what it returns, is the same for all of acre's allocators and for all peers.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace acre::certify {

/// What is counted apart. A slab that is taken or given back in the course of a call makes it another
/// operation.
enum class operation : unsigned {
  init,
  allocate,
  allocate_slab,
  allocate_aligned,
  exhausted,
  deallocate,
  deallocate_slab,
  deallocate_unsized,
  try_resize,
  reallocate,
  reset,
};
inline constexpr unsigned operation_count = 11;

inline constexpr const char* operation_names[operation_count] = {
    "init",       "allocate",          "allocate + slab",    "allocate aligned", "exhausted",
    "deallocate", "deallocate + slab", "deallocate unsized", "try_resize",       "reallocate",
    "reset",
};

/// Any function; the meter passes what it takes in registers.
using entry = void (*)();

template <class Function>
entry entry_of(Function* function) {
  return reinterpret_cast<entry>(function);
}

struct size_list {
  const uint16_t* values;  // increasing
  unsigned count;

  size_t smallest() const {
    return values[0];
  }
  size_t largest() const {
    return values[count - 1];
  }
};

struct subject {
  const char* name = "";
  const char* level = "";
  void* object = nullptr;  // the first argument of each call; null: the calls have no such argument
  size_t control_bytes = 0;  // 0: the driver finds it out

  // Null where an allocator has no such call.
  entry init = nullptr;                // (begin, size)
  entry allocate = nullptr;            // (size, align)
  entry allocate_aligned = nullptr;    // (size, align)
  entry deallocate = nullptr;          // (block, size, align)
  entry deallocate_unsized = nullptr;  // (block)
  entry try_resize = nullptr;          // (block, size)
  entry reallocate = nullptr;          // (block, size, align)
  entry reset = nullptr;               // ()

  size_list sizes = {nullptr, 0};  // what the shapes ask for
  size_t steady_most = 511;        // the largest block of a steady state
  bool last_in_first_out = false;  // blocks are given back in reverse order
  bool any_size = false;           // serves each workload
  bool returns_status = true;      // of init and deallocate
  size_t skip = 0;                 // where in `memory` the region begins
  unsigned slab_shift = 0;         // log2 of the bytes of a slab; 0: no slabs
  unsigned effort = 1;             // divides repetitions, for allocators that take long
};

/// What an image does with each allocator.
using visitor = void (*)(const subject& s);

/// The allocators of one kind, one after another. Each file of kinds/ defines it, for its own image.
void each_subject(visitor visit);

}  // namespace acre::certify
