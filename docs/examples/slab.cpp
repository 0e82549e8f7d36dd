// SPDX-License-Identifier: MIT
// slab: objects of mixed sizes, each from the class that fits it best.
#include <acre/slab.hpp>
#include <acre/typed.hpp>

#include "example.hpp"

namespace {

// The sizes that this program knows that it needs, in slabs of 512 bytes.
using event_sizes = acre::size_classes<16, 24, 48, 96>;
using event_memory = acre::slab<event_sizes, acre::policies<>, 512>;

acre::static_region<event_memory::required_bytes_for_slabs(4)> memory;
constinit event_memory events;

struct button_event {
  int button;
};
struct radio_event {
  int channel;
  unsigned char bytes[64];
};

void typed_events() {
  auto* pressed = acre::construct<button_event>(events);  // from the class of 16
  auto* received = acre::construct<radio_event>(events);  // from the class of 96
  EXPECT(pressed != nullptr && received != nullptr);
  EXPECT(event_memory::block_bytes(acre::layout::of<radio_event>()) == 96);
  EXPECT(events.usage().blocks_in_use == 2);

  // Giving a block back as what it is not is refused.
  EXPECT(events.deallocate(pressed, sizeof(radio_event), 1) == acre::status::wrong_size);

  EXPECT(acre::destroy(events, pressed) == acre::status::ok);
  EXPECT(acre::destroy(events, received) == acre::status::ok);
}

// A slab that one class has emptied serves any other class.
void slabs_move_between_classes() {
  void* small[200];
  size_t taken = 0;
  while (taken < 200) {
    small[taken] = events.allocate(16, 1);
    if (small[taken] == nullptr) {
      break;
    }
    ++taken;
  }
  EXPECT(taken > 100);                        // all four slabs hold objects of 16 bytes
  EXPECT(events.allocate(96, 1) == nullptr);  // and none is left for the others

  for (size_t i = 0; i < taken; ++i) {
    EXPECT(events.deallocate(small[i], 16, 1) == acre::status::ok);
  }
  void* large = events.allocate(96, 1);
  EXPECT(large != nullptr);
  EXPECT(events.deallocate(large, 96, 1) == acre::status::ok);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(events.init(memory) == acre::status::ok);
  typed_events();
  slabs_move_between_classes();
  EXPECT(events.usage().blocks_in_use == 0);
  return example::failures;
}
