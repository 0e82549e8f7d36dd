// SPDX-License-Identifier: MIT
// Sizing is a question to the compiler: each allocator says how large its region must be.
#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/object_pool.hpp>
#include <acre/slab.hpp>
#include <acre/stack.hpp>

#include "example.hpp"

namespace {

struct packet {
  unsigned char bytes[60];
};

using packet_pool = acre::object_pool<packet>;
using log_buddy = acre::buddy<64>;
using event_slab = acre::slab<acre::size_classes<16, 32, 64>, acre::policies<>, 512>;

constexpr size_t for_packets = packet_pool::required_bytes(12);         // blocks
constexpr size_t for_frame = acre::arena<>::required_bytes(500);        // bytes, with padding
constexpr size_t for_scratch = acre::stack<>::required_bytes(300, 8);   // bytes, blocks
constexpr size_t for_events = event_slab::required_bytes(20, {32, 8});  // objects, layout
constexpr size_t for_logs =
    log_buddy::required_bytes(256, 128, 64, 128);  // peak, largest, smallest

// The budget of this product, checked before it is flashed.
static_assert(for_packets + for_frame + for_scratch + for_events + for_logs <= 4608);

acre::static_region<for_packets> packet_memory;
acre::static_region<for_frame> frame_memory;
acre::static_region<for_scratch> scratch_memory;
acre::static_region<for_events> event_memory;
acre::static_region<for_logs, 128> log_memory;

constinit packet_pool packets;
constinit acre::arena<> frame;
constinit acre::stack<> scratch;
constinit event_slab events;
constinit log_buddy logs;

}  // namespace

extern "C" int acre_main() {
  EXPECT(packets.init(packet_memory) == acre::status::ok);
  EXPECT(frame.init(frame_memory) == acre::status::ok);
  EXPECT(scratch.init(scratch_memory) == acre::status::ok);
  EXPECT(events.init(event_memory) == acre::status::ok);
  EXPECT(logs.init(log_memory) == acre::status::ok);

  for (int i = 0; i < 12; ++i) {
    EXPECT(packets.create() != nullptr);
  }
  EXPECT(frame.allocate(500, 4) != nullptr);
  for (int i = 0; i < 7; ++i) {
    EXPECT(scratch.allocate(37) != nullptr);
  }
  EXPECT(scratch.allocate(41) != nullptr);
  for (int i = 0; i < 20; ++i) {
    EXPECT(events.allocate(32, 8) != nullptr);
  }
  EXPECT(logs.allocate(64) != nullptr && logs.allocate(128) != nullptr);
  EXPECT(logs.allocate(64) != nullptr);

  // What the compiler can't know is a status, and not a surprise later.
  acre::pool<64> too_small;
  EXPECT(too_small.init({packet_memory.bytes, 16}) == acre::status::region_too_small);
  EXPECT(too_small.allocate() == nullptr);
  return example::failures;
}
