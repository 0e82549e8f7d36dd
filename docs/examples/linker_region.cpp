// SPDX-License-Identifier: MIT
// A region that the linker script gives: no space in the image, no time at startup.
#include <acre/arena.hpp>
#include <acre/region.hpp>

#include "example.hpp"

// Defined by the linker script of the product; here by acre's boards.
extern "C" char acre_heap_begin[];
extern "C" char acre_heap_end[];

namespace {

constinit acre::arena<> heap;

}  // namespace

extern "C" int acre_main() {
  const acre::region memory = acre::linker_region(acre_heap_begin, acre_heap_end);
  EXPECT(!memory.empty());
  EXPECT(heap.init(memory) == acre::status::ok);
  EXPECT(heap.largest_free() > memory.size - 64);
  EXPECT(heap.allocate(256) != nullptr);
  return example::failures;
}
