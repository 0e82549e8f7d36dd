// SPDX-License-Identifier: MIT
#include <acre/heap.hpp>

#include "probe.hpp"

constinit acre::heap<65536, probe::policies> allocator;

extern "C" int acre_main() {
  return probe::use(allocator);
}
