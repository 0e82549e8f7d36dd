// SPDX-License-Identifier: MIT
#include <acre/lockfree_pool.hpp>

#include "probe.hpp"

constinit acre::lockfree_pool<32, acre::checks<acre::check_level::ACRE_SIZE_LEVEL>> allocator;

extern "C" int acre_main() {
  if (allocator.init(probe::region()) != acre::status::ok) {
    return 1;
  }
  return static_cast<int>(allocator.deallocate(probe::opaque(allocator.allocate())));
}
