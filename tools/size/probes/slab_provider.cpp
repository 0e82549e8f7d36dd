// SPDX-License-Identifier: MIT
#include <acre/slab_provider.hpp>

#include "probe.hpp"

namespace {

struct event {
  unsigned kind = 1;
  unsigned char bytes[28] = {};
};

using events = acre::slab_provider<event, "probe", probe::policies, 512>;

}  // namespace

extern "C" int acre_main() {
  if (events::init(probe::region()) != acre::status::ok) {
    return 1;
  }
  const auto owned = events::get_unique();
  return probe::opaque(owned.get()) == nullptr ? 1 : 0;
}
