// SPDX-License-Identifier: MIT
#include <acre/stack.hpp>

#include "probe.hpp"

constinit acre::stack<probe::policies> allocator;

extern "C" int acre_main() {
  return probe::use(allocator);
}
