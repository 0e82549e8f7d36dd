// SPDX-License-Identifier: MIT
#include <acre/pool.hpp>

#include "probe.hpp"

constinit acre::pool<32, probe::policies> allocator;

extern "C" int acre_main() {
  if (allocator.init(probe::region()) != acre::status::ok) {
    return 1;
  }
  return static_cast<int>(allocator.deallocate(probe::opaque(allocator.allocate())));
}
