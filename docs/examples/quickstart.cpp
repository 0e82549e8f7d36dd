// SPDX-License-Identifier: MIT
// The example of the README: packets from a pool, and a double free that is found.
#include <acre/object_pool.hpp>

struct packet {
  unsigned length = 0;
  unsigned char bytes[60] = {};
};

using packet_pool = acre::object_pool<packet>;
acre::static_region<packet_pool::required_bytes(16)> memory;  // yours: 16 packets and a map
constinit packet_pool packets;                                // in .bss; nothing runs at startup

bool handle_packets() {
  if (packets.init(memory) != acre::status::ok) return false;
  packet* p = packets.create();  // null iff all 16 are in use
  if (p == nullptr) return false;
  p->length = 42;
  packets.destroy(p);
  return packets.destroy(p) == acre::status::double_free;  // found and refused: nothing is harmed
}

extern "C" int acre_main() {
  return handle_packets() ? 0 : 1;
}
