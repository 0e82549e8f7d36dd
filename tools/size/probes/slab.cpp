// SPDX-License-Identifier: MIT
#include <acre/slab.hpp>

#include "probe.hpp"

constinit acre::slab<acre::small_size_classes, probe::policies, 512> allocator;

extern "C" int acre_main() {
  return probe::use(allocator);
}
