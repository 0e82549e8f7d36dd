// SPDX-License-Identifier: MIT
#include "events.hpp"

namespace demo {

size_t event_board::acknowledge(text_view kind) noexcept {
  if (kind.equals("limit")) return limits.acknowledge();
  if (kind.equals("dropout")) return dropouts.acknowledge();
  if (kind.equals("vibration")) return vibrations.acknowledge();
  if (kind.equals("power") && power != nullptr) {
    power.reset();
    return 1;
  }
  return 0;
}

void event_board::acknowledge_all() noexcept {
  limits.acknowledge();
  dropouts.acknowledge();
  vibrations.acknowledge();
  power.reset();
}

}  // namespace demo
