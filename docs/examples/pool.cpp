// SPDX-License-Identifier: MIT
// pool: raw blocks of one size, with counters, and a look at what is live.
#include <acre/pool.hpp>

#include "example.hpp"

namespace {

// 96-byte buffers at multiples of 32, watched by counters.
using buffer_pool =
    acre::pool<96, acre::policies<acre::no_lock, acre::checks_basic, acre::usage_counters>, 32>;

acre::static_region<buffer_pool::required_bytes(8)> memory;
constinit buffer_pool buffers;

void allocate_and_free() {
  void* first = buffers.allocate();
  void* second = buffers.allocate();
  EXPECT(first != nullptr && second != nullptr && first != second);
  EXPECT(reinterpret_cast<uintptr_t>(first) % 32 == 0);

  EXPECT(buffers.deallocate(first) == acre::status::ok);
  EXPECT(buffers.deallocate(second) == acre::status::ok);
}

void exhaustion_is_not_an_error() {
  void* taken[8];
  for (void*& block : taken) {
    block = buffers.allocate();
    EXPECT(block != nullptr);
  }
  EXPECT(buffers.allocate() == nullptr);  // nothing has changed, and nobody was alarmed
  EXPECT(buffers.largest_free() == 0);

  size_t live = 0;
  buffers.for_each_live([&](void*) { ++live; });
  EXPECT(live == 8);

  for (void* block : taken) {
    EXPECT(buffers.deallocate(block) == acre::status::ok);
  }
}

void every_bad_free_is_refused() {
  auto* block = static_cast<unsigned char*>(buffers.allocate());
  unsigned char elsewhere[96];

  EXPECT(buffers.deallocate(elsewhere) == acre::status::foreign_pointer);
  EXPECT(buffers.deallocate(block + 32) == acre::status::interior_pointer);
  EXPECT(buffers.deallocate(block + 1) == acre::status::misaligned_pointer);
  EXPECT(buffers.deallocate(block) == acre::status::ok);
  EXPECT(buffers.deallocate(block) == acre::status::double_free);
  EXPECT(buffers.validate() == acre::status::ok);  // the pool is as it was
}

void counters() {
  const acre::usage_counters::values& seen = buffers.observer().read();
  EXPECT(seen.blocks_in_use == 0);
  EXPECT(seen.blocks_peak == 8);
  EXPECT(seen.exhausted_count == 1);
  EXPECT(seen.refused_count == 4);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(buffers.init(memory) == acre::status::ok);
  allocate_and_free();
  exhaustion_is_not_an_error();
  every_bad_free_is_refused();
  counters();
  return example::failures;
}
