// SPDX-License-Identifier: MIT
#include <acre/arena.hpp>

#include "probe.hpp"

constinit acre::arena<probe::policies> allocator;

extern "C" int acre_main() {
  return probe::use(allocator);
}
