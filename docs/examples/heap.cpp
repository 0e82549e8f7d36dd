// SPDX-License-Identifier: MIT
// heap: blocks of any size, given back in any order.
#include <acre/heap.hpp>

#include "example.hpp"

namespace {

// At most 2 KiB of addresses: so a block costs a header of 2 bytes.
using text_heap = acre::heap<2048>;
static_assert(text_heap::header_bytes == 2);

acre::static_region<2048> memory;
constinit text_heap texts;

void any_size_any_order() {
  void* name = texts.allocate(11);
  void* report = texts.allocate(700);
  void* token = texts.allocate(32, 64);  // 32 bytes at a multiple of 64
  EXPECT(name != nullptr && report != nullptr && token != nullptr);
  EXPECT(reinterpret_cast<uintptr_t>(token) % 64 == 0);

  EXPECT(texts.deallocate(report) == acre::status::ok);         // the heap knows the size
  EXPECT(texts.deallocate(name, 11) == acre::status::ok);       // say it, and it is checked
  EXPECT(texts.deallocate(token, 32, 64) == acre::status::ok);  // the alignment, too
  EXPECT(texts.usage().blocks_in_use == 0);
}

void what_a_block_really_has() {
  const acre::sized_block line = texts.allocate_at_least(21);
  EXPECT(line.address != nullptr && line.size >= 21);
  EXPECT(line.size == texts.usable_size(line.address));
  EXPECT(line.size + text_heap::header_bytes == text_heap::block_bytes({21, 1}));
  EXPECT(texts.deallocate(line.address, line.size) == acre::status::ok);

  void* counters = texts.allocate_zeroed(8, sizeof(int));
  EXPECT(counters != nullptr && static_cast<int*>(counters)[7] == 0);
  EXPECT(texts.allocate_zeroed(SIZE_MAX / 2, 4) == nullptr);  // the product overflows
  EXPECT(texts.deallocate(counters) == acre::status::ok);
}

void bad_frees_are_refused() {
  auto* block = static_cast<unsigned char*>(texts.allocate(200));
  unsigned char elsewhere[32];

  EXPECT(texts.deallocate(block + 64) == acre::status::interior_pointer);
  EXPECT(texts.deallocate(block + 1) == acre::status::misaligned_pointer);
  EXPECT(texts.deallocate(elsewhere) == acre::status::foreign_pointer);
  EXPECT(texts.deallocate(block, 100) == acre::status::wrong_size);
  EXPECT(texts.deallocate(block) == acre::status::ok);
  EXPECT(texts.deallocate(block) == acre::status::double_free);
  EXPECT(texts.validate() == acre::status::ok);  // the heap is as it was
}

// With at most 512 bytes of blocks live, each for a request of 30 to 62 bytes, no order of requests
// and releases can make one fail in a region of this size.
constexpr size_t never_fails = text_heap::required_bytes(512, 62, 30);
static_assert(never_fails <= sizeof(memory.bytes));

}  // namespace

extern "C" int acre_main() {
  EXPECT(texts.init(memory) == acre::status::ok);
  any_size_any_order();
  what_a_block_really_has();
  bad_frees_are_refused();
  return example::failures;
}
