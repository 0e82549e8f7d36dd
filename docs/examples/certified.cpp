// SPDX-License-Identifier: MIT
// certified: alarms that always find memory, beside a heap that anybody may fill.
#include <acre/certified.hpp>

#include "example.hpp"

namespace {

// All alarms that are live at one time take at most 512 bytes, in blocks of 16 to 128 bytes.
constexpr acre::workload alarms{.peak_live = 512, .largest = 128, .smallest = 16};

using node_memory = acre::certified<alarms, 4096>;

// The reserve, and 1 KiB for everything else.
acre::static_region<node_memory::reserved_bytes + 1024> memory;
constinit node_memory node;

// The proof, for a reserve at any address; a heap of that size gives none.
static_assert(acre::cannot_run_out<acre::buddy<16>>(node_memory::reserved_bytes, alarms, 1));
static_assert(!acre::cannot_run_out<acre::heap<4096, acre::policies<>, 0>>(
    node_memory::reserved_bytes, alarms));

constexpr acre::layout log_line{24, 8};
constexpr acre::layout small_alarm{16, 8};
constexpr acre::layout large_alarm{128, 8};

void* small[32];
void* large[2];

void alarms_while_the_heap_is_full() {
  while (node.allocate(log_line) != nullptr) {
  }

  // The worst order: many small ones, then every second goes, then large ones.
  for (void*& alarm : small) {
    alarm = node.allocate_reserved(small_alarm);
    EXPECT(alarm != nullptr);
  }
  for (size_t i = 0; i < 32; i += 2) {
    EXPECT(node.deallocate(small[i], small_alarm) == acre::status::ok);
  }
  for (void*& alarm : large) {
    alarm = node.allocate_reserved(large_alarm);
    EXPECT(alarm != nullptr);
  }
  EXPECT(node.reserved_live() == 512);
}

// What was not declared is refused, so that it cannot take what others were promised.
void beyond_the_budget() {
  EXPECT(node.allocate_reserved(small_alarm) == nullptr);  // 528 bytes would be live
  EXPECT(node.deallocate(large[0], large_alarm) == acre::status::ok);
  EXPECT(node.allocate_reserved({129, 8}) == nullptr);  // larger than any alarm
  EXPECT(node.reserved_live() == 384);
}

void everything_goes_back_by_one_call() {
  EXPECT(node.deallocate(large[1], large_alarm) == acre::status::ok);
  for (size_t i = 1; i < 32; i += 2) {
    EXPECT(node.deallocate(small[i], small_alarm) == acre::status::ok);
  }
  EXPECT(node.deallocate(small[1], small_alarm) == acre::status::double_free);
  EXPECT(node.reserved_live() == 0);
  EXPECT(node.validate() == acre::status::ok);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(node.init(memory) == acre::status::ok);
  alarms_while_the_heap_is_full();
  beyond_the_budget();
  everything_goes_back_by_one_call();
  return example::failures;
}
