// SPDX-License-Identifier: MIT
#include <acre/buddy.hpp>

#include "probe.hpp"

constinit acre::buddy<16, probe::policies> allocator;

extern "C" int acre_main() {
  return probe::use(allocator);
}
