// SPDX-License-Identifier: MIT
// A fault hook: one function that is told of every misuse, in release builds too.
#include <acre/fault.hpp>
#include <acre/pool.hpp>

#include "example.hpp"

namespace {

acre::static_region<512> memory;
constinit acre::pool<32> blocks;

acre::fault last_fault{};
int faults = 0;

// Runs in the context of the faulty call, with the allocator's lock held: note it and return (the
// call is then refused), or reset the product. A product would write to its crash log here.
void remember(const acre::fault& fault) noexcept {
  last_fault = fault;
  ++faults;
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(acre::set_fault_hook(remember) == nullptr);
  EXPECT(blocks.init(memory) == acre::status::ok);

  void* block = blocks.allocate();
  EXPECT(blocks.deallocate(block) == acre::status::ok);
  EXPECT(faults == 0);

  EXPECT(blocks.deallocate(block) == acre::status::double_free);
  EXPECT(faults == 1);
  EXPECT(last_fault.code == acre::status::double_free);
  EXPECT(last_fault.address == block);

  // Exhaustion is not a fault.
  while (blocks.allocate() != nullptr) {
  }
  EXPECT(faults == 1);

  acre::set_fault_hook(nullptr);
  return example::failures;
}
