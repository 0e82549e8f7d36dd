// SPDX-License-Identifier: MIT
// slab_provider: a type that gives out objects. Two tags never share memory.
#include <acre/slab_provider.hpp>

#include "example.hpp"

namespace {

struct message {
  int id = 0;
  unsigned char text[28] = {};
};

template <acre::tag Tag>
using messages = acre::slab_provider<message, Tag, acre::policies<>, 512>;

using received = messages<"received">;
using to_send = messages<"to send">;

acre::static_region<received::required_bytes(8)> received_memory;
acre::static_region<to_send::required_bytes(8)> to_send_memory;

// The provider is a type, so a pointer that knows where to give its object back is one word.
static_assert(sizeof(received::pointer) == sizeof(void*));

void use_up_everything_received() {
  received::pointer held[64];
  size_t count = 0;
  while (count < 64) {
    held[count] = received::get_unique();
    if (!held[count]) {
      break;
    }
    ++count;
  }
  EXPECT(count >= 8 && count < 64);

  // A flood of received messages does not keep us from answering.
  to_send::pointer answer = to_send::get_unique();
  EXPECT(answer);
}  // every pointer gives its message back

}  // namespace

extern "C" int acre_main() {
  EXPECT(received::get_unique() == nullptr);  // before init() everything is exhausted
  EXPECT(received::init(received_memory) == acre::status::ok);
  EXPECT(to_send::init(to_send_memory) == acre::status::ok);

  use_up_everything_received();
  EXPECT(received::state().usage().blocks_in_use == 0);
  EXPECT(to_send::state().usage().blocks_in_use == 0);

  void* raw = to_send::alloc_raw();
  EXPECT(received::free_raw(raw) == acre::status::foreign_pointer);
  EXPECT(to_send::free_raw(raw) == acre::status::ok);
  return example::failures;
}
