// SPDX-License-Identifier: MIT
// heap: a block becomes larger or smaller; in place if it can, elsewhere if it must.
#include <acre/heap.hpp>

#include "example.hpp"

namespace {

acre::static_region<2048> memory;
constinit acre::heap<2048> heap;

void in_place() {
  void* log = heap.allocate(100);
  void* behind = heap.allocate(100);
  EXPECT(!heap.try_resize(log, 180));  // `behind` is in the way, and nothing has changed
  EXPECT(heap.usable_size(log) < 180);

  EXPECT(heap.deallocate(behind) == acre::status::ok);
  EXPECT(heap.try_resize(log, 180));  // into the room that has become free
  EXPECT(heap.try_resize(log, 40));   // what is left over is free again
  EXPECT(heap.deallocate(log, 40) == acre::status::ok);
}

void to_the_left() {
  void* before = heap.allocate(100);
  auto* text = static_cast<char*>(heap.allocate(100));
  void* behind = heap.allocate(100);
  text[0] = 'a';
  EXPECT(heap.deallocate(before) == acre::status::ok);

  void* grown = heap.try_extend_left(text, 150);
  EXPECT(grown != nullptr && grown < text);
  EXPECT(text[0] == 'a');  // the contents still lie where they were: move them, or write in front
  EXPECT(heap.deallocate(grown, 150) == acre::status::ok);
  EXPECT(heap.deallocate(behind) == acre::status::ok);
}

void wherever_there_is_room() {
  constexpr size_t line = 64;
  auto* buffer = static_cast<unsigned char*>(heap.allocate(64, line));
  void* behind = heap.allocate(64);
  buffer[63] = 42;

  // Not in place, since `behind` is in the way: the block moves, and keeps its alignment.
  auto* larger = static_cast<unsigned char*>(heap.reallocate(buffer, 256, line));
  EXPECT(larger != nullptr && larger != buffer && larger[63] == 42);
  EXPECT(reinterpret_cast<uintptr_t>(larger) % line == 0);

  EXPECT(heap.reallocate(larger, 100'000, line) == nullptr);  // no room: the block is still live
  EXPECT(larger[63] == 42);
  EXPECT(heap.deallocate(larger, 256, line) == acre::status::ok);
  EXPECT(heap.deallocate(behind) == acre::status::ok);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(heap.init(memory) == acre::status::ok);
  in_place();
  to_the_left();
  wherever_there_is_room();
  EXPECT(heap.usage().blocks_in_use == 0 && heap.validate() == acre::status::ok);
  return example::failures;
}
