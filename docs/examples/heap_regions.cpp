// SPDX-License-Identifier: MIT
// heap: one heap over two pieces of memory, and what lies between them stays as it is.
#include <acre/heap.hpp>

#include "example.hpp"

namespace {

// 3 KiB of RAM; the middle belongs to somebody else, such as a DMA engine.
acre::static_region<3072> ram;
constexpr size_t piece = 1024;

// MaxBytes counts addresses, holes included: from the begin of the first region to the end of the last.
constinit acre::heap<4096> heap;

void two_pieces() {
  const acre::region low{ram.bytes, piece};
  const acre::region high{ram.bytes + 2 * piece, piece};
  unsigned char* const hole = ram.bytes + piece;
  for (size_t i = 0; i < piece; ++i) {
    hole[i] = 0xA5;
  }

  EXPECT(heap.add_region(high) == acre::status::not_initialised);  // the first one comes by init()
  EXPECT(heap.init(low) == acre::status::ok);
  EXPECT(heap.add_region(high) == acre::status::ok);
  EXPECT(heap.add_region(high) == acre::status::invalid_argument);  // it is the heap's already

  void* first = heap.allocate(800);
  void* second = heap.allocate(800);
  EXPECT(first != nullptr && second != nullptr);  // one in each piece, in no promised order
  EXPECT(heap.owns(first) && heap.owns(second) && !heap.owns(hole));
  EXPECT(heap.allocate(400) == nullptr);  // no block spans two regions

  EXPECT(heap.deallocate(first) == acre::status::ok);
  EXPECT(heap.deallocate(second) == acre::status::ok);
  EXPECT(heap.validate() == acre::status::ok);
  for (size_t i = 0; i < piece; ++i) {
    EXPECT(hole[i] == 0xA5);
  }
}

void out_of_reach() {
  acre::heap<2048> near;
  EXPECT(near.init({ram.bytes + piece, piece}) == acre::status::ok);
  // Below the first region, and further above its begin than 2048 bytes.
  EXPECT(near.add_region({ram.bytes, piece}) == acre::status::region_out_of_reach);
  EXPECT(near.init({ram.bytes, piece}) == acre::status::ok);
  EXPECT(near.add_region({ram.bytes + 2 * piece, piece}) == acre::status::region_out_of_reach);
}

}  // namespace

extern "C" int acre_main() {
  two_pieces();
  out_of_reach();
  return example::failures;
}
