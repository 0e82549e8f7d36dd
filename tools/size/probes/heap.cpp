// SPDX-License-Identifier: MIT
#include <acre/heap.hpp>

#include "probe.hpp"

constinit acre::heap<65536, probe::policies> allocator;

// As a caller of malloc and free: a block is given back by its address.
extern "C" int acre_main() {
  if (allocator.init(probe::region()) != acre::status::ok) {
    return 1;
  }
  void* block = probe::opaque(allocator.allocate(probe::opaque<size_t>(24)));
  return static_cast<int>(allocator.deallocate(block));
}
