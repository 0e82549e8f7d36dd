// SPDX-License-Identifier: MIT
// What a second pool adds, with blocks of another size.
#include <acre/pool.hpp>

#include "probe.hpp"

constinit acre::pool<32, probe::policies> allocator;
constinit acre::pool<40, probe::policies> second;

extern "C" int acre_main() {
  const acre::region whole = probe::region();
  const acre::region half{whole.begin, whole.size / 2};
  const acre::region other{acre_heap_begin + whole.size / 2, whole.size / 2};
  if (allocator.init(half) != acre::status::ok || second.init(other) != acre::status::ok) {
    return 1;
  }
  if (allocator.deallocate(probe::opaque(allocator.allocate())) != acre::status::ok) {
    return 2;
  }
  return static_cast<int>(second.deallocate(probe::opaque(second.allocate())));
}
