// SPDX-License-Identifier: MIT
// A pool for several cores, each of which keeps a few blocks at hand.
#include <acre/per_core_pool.hpp>
#include <acre/platform/core_pin.hpp>
#include <acre/platform/cores.hpp>

#include "example.hpp"

namespace {

using acre::platform::core_count;

// 16 blocks for whichever core needs them; each core keeps up to 2 * 4 free ones for itself.
using packet_pool =
    acre::per_core_pool<64, core_count, acre::platform::core_pin, acre::default_checks, 4>;

acre::static_region<packet_pool::required_bytes(16)> memory;
constinit packet_pool packets;

void work(void*) {
  for (int round = 0; round < 100; ++round) {
    void* packet = packets.allocate();
    if (packet != nullptr) {  // a core that has none left leaves the work to the others
      packets.deallocate(packet);
    }
  }
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(packets.init(memory) == acre::status::ok);
  acre::platform::run_on_all(work, nullptr);
  EXPECT(packets.usage().blocks_in_use == 0);
  EXPECT(packets.kept() <= core_count * 2 * 4);
  packets.flush();  // what this core keeps goes back to all
  EXPECT(packets.validate() == acre::status::ok);
  return example::failures;
}
