// SPDX-License-Identifier: MIT
// A pool that an interrupt handler shares with the main program.
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq_lock.hpp>
#include <acre/pool.hpp>

#include "example.hpp"

namespace {

// The lock belongs to the allocator: whoever calls it, from whatever context, is safe.
using shared_pool = acre::pool<32, acre::policies<acre::platform::irq_lock>>;

acre::static_region<shared_pool::required_bytes(4)> memory;
constinit shared_pool buffers;

void* volatile received = nullptr;

void on_interrupt() noexcept {
  received = buffers.allocate();  // null where all are in use: the handler decides what to drop
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(buffers.init(memory) == acre::status::ok);
  acre::platform::set_interrupt_handler(on_interrupt);

  void* mine = buffers.allocate();
  acre::platform::raise_interrupt();
  EXPECT(received != nullptr && received != mine);

  EXPECT(buffers.deallocate(received) == acre::status::ok);
  EXPECT(buffers.deallocate(mine) == acre::status::ok);
  EXPECT(buffers.usage().blocks_in_use == 0);
  return example::failures;
}
