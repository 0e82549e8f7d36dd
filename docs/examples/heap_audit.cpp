// SPDX-License-Identifier: MIT
// heap: how full it is, how fragmented, and whether somebody wrote past the end of a block.
#include <acre/heap.hpp>

#include "example.hpp"

namespace {

acre::static_region<2048> memory;
constinit acre::heap<2048> heap;

constinit acre::heap_cursor audited;
constinit int audits = 0;
constinit bool sound = true;

// Runs whenever there is nothing else to do: four blocks a time, however large the heap is.
void when_idle() {
  sound = sound && heap.validate_step(audited, 4) == acre::status::ok;
  if (audited.finished()) {
    audited = {};  // from the beginning
    ++audits;
  }
}

void free_but_in_pieces() {
  void* blocks[8];
  for (void*& block : blocks) {
    block = heap.allocate(94);
  }
  for (size_t i = 0; i < 8; i += 2) {
    EXPECT(heap.deallocate(blocks[i]) == acre::status::ok);
    when_idle();  // between two audits anything may happen
  }

  // The first figure says how much is free, the second how much of it one request can have.
  const size_t all = heap.free_bytes();
  const size_t at_once = heap.largest_free();
  EXPECT(at_once < all);
  EXPECT(heap.allocate(at_once + 1) == nullptr);
  void* largest = heap.allocate(at_once);
  EXPECT(largest != nullptr);
  EXPECT(heap.deallocate(largest) == acre::status::ok);

  size_t holes = 0;
  heap.walk([&](const acre::heap_block& block) {
    holes += block.live ? 0 : 1;
    return true;  // go on
  });
  EXPECT(holes == 5);  // four that were given back, and the rest of the region

  for (size_t i = 1; i < 8; i += 2) {
    EXPECT(heap.deallocate(blocks[i]) == acre::status::ok);
  }
  EXPECT(heap.free_bytes() == heap.largest_free() + heap.header_bytes);  // one piece
}

void a_text_that_is_too_long() {
  auto* text = static_cast<char*>(heap.allocate(14));
  void* behind = heap.allocate(14);
  char* const end = text + heap.usable_size(text);
  const char before = *end;
  *end = '\0';  // one byte too far: into the header of the block behind
  EXPECT(heap.validate() == acre::status::corrupted);
  acre::heap_cursor cursor;
  EXPECT(heap.validate_step(cursor, 100) == acre::status::corrupted);

  *end = before;
  EXPECT(heap.validate() == acre::status::ok);
  EXPECT(heap.deallocate(text) == acre::status::ok);
  EXPECT(heap.deallocate(behind) == acre::status::ok);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(heap.init(memory) == acre::status::ok);
  free_but_in_pieces();
  while (audits < 2) {
    when_idle();
  }
  EXPECT(sound);
  a_text_that_is_too_long();
  return example::failures;
}
