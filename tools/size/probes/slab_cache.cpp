// SPDX-License-Identifier: MIT
#include <acre/slab_cache.hpp>

#include "probe.hpp"

namespace {

struct event {
  unsigned kind = 1;
  unsigned char bytes[28] = {};
};

}  // namespace

constinit acre::slab_cache<event, probe::policies, 512> allocator;

extern "C" int acre_main() {
  if (allocator.init(probe::region()) != acre::status::ok) {
    return 1;
  }
  return static_cast<int>(allocator.release(probe::opaque(allocator.acquire())));
}
