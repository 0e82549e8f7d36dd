// SPDX-License-Identifier: MIT
#include <acre/object_pool.hpp>

#include "probe.hpp"

namespace {

struct packet {
  explicit packet(size_t n) noexcept : length(n) {}
  size_t length;
  unsigned char bytes[28] = {};
};

}  // namespace

constinit acre::object_pool<packet, probe::policies> allocator;

extern "C" int acre_main() {
  if (allocator.init(probe::region()) != acre::status::ok) {
    return 1;
  }
  return static_cast<int>(allocator.destroy(probe::opaque(allocator.create(probe::opaque(24U)))));
}
