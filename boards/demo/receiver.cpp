// SPDX-License-Identifier: MIT
#include "receiver.hpp"

#include <acre/platform/interrupt.hpp>

#include "memory.hpp"
#include "numbers.hpp"

namespace demo::receiver {

namespace {

constinit text_view hardware;  // stands for the radio's receive register

// Written by the handler, read by the main program under the lock. The pool never gives out more
// messages than the ring holds.
struct message_ring {
  message* at[message_count];
  size_t oldest;
  size_t waiting;
};
constinit message_ring ring{};
constinit acre::platform::irq_lock ring_lock;

// Runs in interrupt context. With no block left the message is lost, and the pool counts it.
void take_from_hardware() noexcept {
  message* received = memory.messages.create();
  if (received == nullptr) return;
  const size_t length = smaller_of(hardware.size, message::text_max);
  received->length = static_cast<uint8_t>(length);
  for (size_t i = 0; i < length; ++i) {
    received->text[i] = hardware.begin[i];
  }
  ring.at[(ring.oldest + ring.waiting) % message_count] = received;
  ++ring.waiting;
}

}  // namespace

void start() noexcept {
  acre::platform::set_interrupt_handler(take_from_hardware);
}

void arrive(text_view text) noexcept {
  hardware = text;
  acre::platform::raise_interrupt();
}

message* take() noexcept {
  const acre::lock_guard guard(ring_lock);
  if (ring.waiting == 0) return nullptr;
  message* oldest = ring.at[ring.oldest];
  ring.oldest = (ring.oldest + 1) % message_count;
  --ring.waiting;
  return oldest;
}

void release(message* read) noexcept {
  memory.messages.destroy(read);
}

}  // namespace demo::receiver
