// SPDX-License-Identifier: MIT
// heap: slabs in front, so that small blocks need no header each.
#include <acre/heap.hpp>

#include "example.hpp"

namespace {

using plain_heap = acre::heap<4096, acre::policies<>, 0>;
// Requests of up to 32 bytes share slabs. Nothing else in its use is different.
using node_heap = acre::heap<4096, acre::policies<>, 32>;

acre::static_region<4096> memory;
constinit plain_heap plain;
constinit node_heap nodes;

// How many blocks of 16 bytes a heap has room for.
template <class Heap>
size_t count_of_16(Heap& heap) {
  EXPECT(heap.init(memory) == acre::status::ok);
  size_t count = 0;
  while (heap.allocate(16, 8) != nullptr) {
    ++count;
  }
  return count;
}

void packing() {
  const size_t with_headers = count_of_16(plain);
  const size_t in_slabs = count_of_16(nodes);
  EXPECT(with_headers * 16 < 4096 * 67 / 100);  // a header each, and then rounded up
  EXPECT(in_slabs * 16 > 4096 * 80 / 100);
}

void small_and_large() {
  EXPECT(nodes.init(memory) == acre::status::ok);
  void* node = nodes.allocate(13, 8);
  void* text = nodes.allocate(700);
  EXPECT(nodes.usable_size(node) == 16);  // rounded up to the natural alignment, and no header
  EXPECT(nodes.usable_size(text) >= 700);

  EXPECT(nodes.try_resize(node, 16));   // within what the block has
  EXPECT(!nodes.try_resize(node, 17));  // beyond it, only reallocate() helps: the block moves

  EXPECT(nodes.deallocate(node, 17) == acre::status::wrong_size);
  EXPECT(nodes.deallocate(node, 16) == acre::status::ok);
  EXPECT(nodes.deallocate(node) == acre::status::double_free);
  EXPECT(nodes.deallocate(text) == acre::status::ok);
  EXPECT(nodes.validate() == acre::status::ok);
}

// A slab with nothing in use goes back to the heap, but for one of each size, wherever that lies.
void slabs_come_and_go() {
  EXPECT(nodes.init(memory) == acre::status::ok);
  void* blocks[160];
  for (void*& block : blocks) {
    block = nodes.allocate(16, 8);
    EXPECT(block != nullptr);
  }
  EXPECT(nodes.allocate(1600) == nullptr);
  for (void* block : blocks) {
    EXPECT(nodes.deallocate(block, 16) == acre::status::ok);
  }
  void* large = nodes.allocate(1600);
  EXPECT(large != nullptr);
  EXPECT(nodes.deallocate(large) == acre::status::ok);
}

}  // namespace

extern "C" int acre_main() {
  packing();
  small_and_large();
  slabs_come_and_go();
  return example::failures;
}
