// SPDX-License-Identifier: MIT
// Sharing memory with an interrupt handler without a lock.
#include <acre/deferred.hpp>
#include <acre/lockfree_pool.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/pool.hpp>

#include "example.hpp"

namespace {

// --- anyone allocates, anyone frees

struct sample_block {
  unsigned length;
  unsigned short samples[14];
};

using shared_pool = acre::lockfree_pool<sizeof(sample_block)>;

acre::static_region<shared_pool::required_bytes(8)> memory;
constinit shared_pool blocks;

sample_block* volatile filled = nullptr;

void on_sample() noexcept {
  // However far the main program is in a call of its own: no interrupt is ever masked.
  if (auto* block = static_cast<sample_block*>(blocks.allocate()); block != nullptr) {
    block->length = 14;
    filled = block;
  }
}

void share() {
  EXPECT(blocks.init(memory) == acre::status::ok);
  acre::platform::set_interrupt_handler(on_sample);
  void* mine = blocks.allocate();
  acre::platform::raise_interrupt();

  sample_block* received = filled;
  EXPECT(received != nullptr && received != mine && received->length == 14);
  EXPECT(blocks.deallocate(received) == acre::status::ok);
  EXPECT(blocks.deallocate(received) == acre::status::double_free);  // exact, without a lock
  EXPECT(blocks.deallocate(mine) == acre::status::ok);
}

void batches() {
  void* burst[4];
  const size_t count = blocks.take(burst, 4);  // one atomic operation for all of them
  EXPECT(count == 4);
  EXPECT(blocks.give(burst, count) == acre::status::ok);
}

// --- one allocates, anyone frees

using message_pool = acre::pool<32>;  // with no lock: only its owner works on it

acre::static_region<message_pool::required_bytes(4)> message_memory;
constinit message_pool messages;
constinit acre::deferred outbox(messages);

void* volatile to_send = nullptr;

void on_sent() noexcept {
  outbox.deallocate(to_send);  // never waits, never masks: the owner will come round
}

void free_in_a_handler() {
  EXPECT(messages.init(message_memory) == acre::status::ok);
  acre::platform::set_interrupt_handler(on_sent);

  to_send = outbox.allocate({32, 4});
  EXPECT(to_send != nullptr);
  acre::platform::raise_interrupt();
  EXPECT(messages.usage().blocks_in_use == 1);

  EXPECT(outbox.apply(8) == 1);  // in the idle loop; allocate() applies up to two by itself
  EXPECT(messages.usage().blocks_in_use == 0);
}

}  // namespace

extern "C" int acre_main() {
  share();
  batches();
  free_in_a_handler();
  return example::failures;
}
