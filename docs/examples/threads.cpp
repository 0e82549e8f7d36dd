// SPDX-License-Identifier: MIT
// hosted::slab_provider: objects for all threads, which any of them frees. For hosts.
#include <acre/port/slab_provider.hpp>

#include <thread>

#include "example.hpp"

namespace {

struct packet {
  unsigned length = 0;
  unsigned char bytes[1020] = {};
};

using packets = acre::hosted::slab_provider<packet, "received">;

// A pointer that knows where to give its packet back is one word.
static_assert(sizeof(packets::pointer) == sizeof(void*));

void pass_a_packet_to_another_thread() {
  packets::pointer received = packets::get_unique();
  EXPECT(received);
  received->length = 42;

  std::thread worker([packet = static_cast<packets::pointer&&>(received)]() mutable {
    EXPECT(packet->length == 42);
    packet.reset();  // waits for nobody: its memory is for the thread that it came from
  });
  worker.join();
  EXPECT(packets::state().usage().blocks_in_use == 0);
}

void refuse_a_second_free() {
  void* block = packets::alloc_raw();
  acre::status second = acre::status::ok;
  std::thread([block] { packets::free_raw(block); }).join();
  std::thread([block, &second] { second = packets::free_raw(block); }).join();
  EXPECT(second == acre::status::double_free);
}

}  // namespace

extern "C" int acre_main() {
  pass_a_packet_to_another_thread();
  refuse_a_second_free();

  // No packet is in use: what this thread and the others have left goes back to the system.
  EXPECT(packets::trim() > 0);
  return example::failures;
}
