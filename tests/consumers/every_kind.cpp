// SPDX-License-Identifier: MIT
// A C++ product that uses every kind of allocator, at every check level, so that each function that headers
// call into has to be in the libraries. Ends with the number of what did not hold.
#include <stdio.h>

#include <acre/acre.hpp>

namespace {

int failures = 0;

void expect(bool holds, const char* what) {
  if (!holds) {
    ++failures;
    printf("does not hold: %s\n", what);
  }
}

acre::status told = acre::status::ok;

void on_fault(const acre::fault& fault) noexcept {
  told = fault.code;
}

constexpr acre::layout small{24, 8};
alignas(4096) unsigned char memory[65536];

/// What all allocators do, and a foreign free, which those that look refuse.
template <class Allocator>
void use(const char* name, Allocator& allocator, bool looks) {
  void* const block = allocator.allocate(small);
  expect(block != nullptr && allocator.owns(block), name);
  expect(allocator.validate() == acre::status::ok, name);
  expect(allocator.usage().blocks_in_use == 1, name);
  if (looks) {
    unsigned char elsewhere[64];
    told = acre::status::ok;
    expect(allocator.deallocate(elsewhere, small) == acre::status::foreign_pointer, name);
    expect(told == acre::status::foreign_pointer, name);
  }
  expect(allocator.deallocate(block, small) == acre::status::ok, name);
}

template <class Allocator>
void use_alone(const char* name, bool looks) {
  Allocator allocator;
  expect(allocator.init(acre::region{memory, sizeof memory}) == acre::status::ok, name);
  use(name, allocator, looks);
}

template <class Checks>
void use_each(bool looks) {
  using policies = acre::policies<acre::no_lock, Checks>;
  use_alone<acre::pool<24, policies>>("pool", looks);
  use_alone<acre::lockfree_pool<24, Checks>>("lockfree_pool", looks);
  use_alone<acre::arena<policies>>("arena", looks);
  use_alone<acre::stack<policies>>("stack", looks);
  use_alone<acre::buddy<16, policies>>("buddy", looks);
  use_alone<acre::slab<acre::size_classes<16, 24, 48>, policies>>("slab", looks);
  use_alone<acre::heap<65536, policies, 0>>("heap", looks);
  use_alone<acre::heap<65536, policies, 64>>("heap with slabs", looks);
}

constexpr acre::workload alarms{.peak_live = 512, .largest = 128, .smallest = 16};

struct item {
  int number = 7;
};

void use_what_is_built_on_them() {
  acre::certified<alarms, 65536> certified;
  expect(certified.init(acre::region{memory, sizeof memory}) == acre::status::ok, "certified");
  use("certified", certified, true);
  expect(certified.allocate_reserved(small) != nullptr, "certified");

  acre::object_pool<item> items;
  expect(items.init(acre::region{memory, 1024}) == acre::status::ok, "object_pool");
  item* const one = items.create();
  expect(one != nullptr && one->number == 7, "object_pool");
  expect(items.destroy(one) == acre::status::ok, "object_pool");
  expect(items.destroy(one) == acre::status::double_free, "object_pool");

  acre::slab_cache<item> cache;
  expect(cache.init(acre::region{memory, sizeof memory}) == acre::status::ok, "slab_cache");
  item* const kept = cache.acquire();
  expect(kept != nullptr && cache.release(kept) == acre::status::ok, "slab_cache");

  using provider = acre::slab_provider<item, "item">;
  expect(provider::init(acre::region{memory, sizeof memory}) == acre::status::ok, "slab_provider");
  expect(provider::get_unique()->number == 7, "slab_provider");

  acre::growing<acre::buddy<>, acre::region_list_source> growing;
  expect(growing.source().add(acre::region{memory, 4096}) == acre::status::ok, "growing");
  use("growing", growing, true);

  acre::pool<24> blocks;
  acre::buddy<> rest;
  expect(blocks.init(acre::region{memory, 1024}) == acre::status::ok, "fallback");
  expect(rest.init(acre::region{memory + 1024, 4096}) == acre::status::ok, "fallback");
  acre::fallback either(blocks, rest);
  void* const block = either.allocate(small);
  expect(block != nullptr && either.deallocate(block, small) == acre::status::ok, "fallback");
}

}  // namespace

void use_ports(void (*expect)(bool holds, const char* what));

int main() {
  acre::set_fault_hook(on_fault);
  use_each<acre::checks_none>(false);
  use_each<acre::checks_basic>(true);
  use_each<acre::checks_full>(true);
  use_what_is_built_on_them();
  use_ports(expect);
  expect(acre::to_string(acre::status::double_free)[0] == 'd', "the text of a status");
  printf("every kind: %d failures\n", failures);
  return failures;
}
