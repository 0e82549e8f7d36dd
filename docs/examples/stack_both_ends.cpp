// SPDX-License-Identifier: MIT
// stack: two phases of work share one region, and nobody has to guess how it is divided.
#include <acre/stack.hpp>

#include "example.hpp"

namespace {

// Up to 16 blocks with 768 bytes in sum.
acre::static_region<acre::stack<>::required_bytes(768, 16)> memory;
constinit acre::stack<> scratch;

void newest_first() {
  void* first = scratch.allocate(100);
  void* second = scratch.allocate(50);

  EXPECT(scratch.deallocate(first, 100) == acre::status::out_of_order);  // refused: not the newest
  EXPECT(scratch.deallocate(second, 50) == acre::status::ok);
  EXPECT(scratch.deallocate(first, 100) == acre::status::ok);
  EXPECT(scratch.deallocate(first, 100) == acre::status::double_free);
}

void both_ends() {
  void* result = scratch.allocate({200, 8}, acre::stack_side::low);
  {
    const acre::frame temporary(scratch, acre::stack_side::high);
    EXPECT(scratch.allocate({300, 8}, acre::stack_side::high) != nullptr);
    EXPECT(scratch.allocate({100, 64}, acre::stack_side::high) != nullptr);
    EXPECT(scratch.usage().blocks_in_use == 3);
  }  // the high side is empty again
  EXPECT(scratch.usage().blocks_in_use == 1);
  EXPECT(scratch.deallocate(result, {200, 8}) == acre::status::ok);
}

// One side as an allocator of its own, for code that knows nothing of sides.
void ends_as_allocators() {
  acre::stack_end low(scratch, acre::stack_side::low);
  acre::stack_end high(scratch, acre::stack_side::high);
  static_assert(acre::owning_allocator<acre::stack_end<acre::stack<>>>);

  void* a = low.allocate({32, 8});
  void* b = high.allocate({32, 8});
  EXPECT(a != nullptr && b != nullptr && a < b);
  EXPECT(low.deallocate(a, {32, 8}) == acre::status::ok);
  EXPECT(high.deallocate(b, {32, 8}) == acre::status::ok);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(scratch.init(memory) == acre::status::ok);
  newest_first();
  both_ends();
  ends_as_allocators();
  EXPECT(scratch.usage().bytes_in_use == 0);
  return example::failures;
}
