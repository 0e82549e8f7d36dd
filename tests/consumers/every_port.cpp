// SPDX-License-Identifier: MIT
// The part of every_kind.cpp that needs an operating system.
#include <thread>
#include <vector>

#include <acre/acre.hpp>
#include <acre/port/default_memory.hpp>
#include <acre/port/exhaustion.hpp>
#include <acre/port/local_arena.hpp>
#include <acre/port/os_source.hpp>
#include <acre/port/pmr_resource.hpp>
#include <acre/port/process_lock.hpp>
#include <acre/port/slab_provider.hpp>
#include <acre/port/thread_cache.hpp>
#include <acre/port/workspace.hpp>

namespace {

constinit acre::growing<acre::heap<64 << 20>, acre::os_source> orders;
constinit acre::chunk_group<acre::os_source, acre::process_lock> group;

struct packet {
  unsigned length = 9;
};
constinit acre::hosted::thread_cache<decltype(orders)> cached_orders{orders};

using packets = acre::hosted::slab_provider<packet, "packet">;

}  // namespace

void use_ports(void (*expect)(bool holds, const char* what)) {
  void* const order = orders.allocate({5000, 16});
  expect(order != nullptr, "os_source");
  expect(orders.deallocate(order, {5000, 16}) == acre::status::ok, "os_source");
  expect(orders.trim() != 0 && orders.source().last_failure().code == 0, "os_source");

  {
    acre::local_arena<decltype(group)> arena(group);
    expect(arena.construct<packet>() != nullptr, "local_arena");
  }
  group.trim();

  void* const cached = cached_orders.allocate({100, 16});
  expect(cached != nullptr && cached_orders.is_live(cached, {100, 16}), "thread_cache");
  std::thread([cached] { static_cast<void>(cached_orders.deallocate(cached, {100, 16})); }).join();
  cached_orders.flush();
  static_cast<void>(cached_orders.trim());
  expect(cached_orders.validate() == acre::status::ok && cached_orders.counts().allocations == 1 &&
             cached_orders.usage().blocks_in_use == 0,
         "thread_cache");
  cached_orders.release_all();

  packets::pointer here = packets::get_unique();
  expect(here && here->length == 9, "hosted::slab_provider");
  std::thread([gone = static_cast<packets::pointer&&>(here)]() mutable { gone.reset(); }).join();
  expect(packets::state().usage().blocks_in_use == 0, "hosted::slab_provider");
  void* const raw = packets::alloc_raw();
  expect(packets::free_raw(raw) == acre::status::ok, "hosted::slab_provider");
  expect(packets::free_raw(raw) == acre::status::double_free, "hosted::slab_provider");

  std::vector<int, acre::allocator<int>> numbers(1000, 3);
  expect(numbers.back() == 3 && acre::built_in_memory_usage().blocks_in_use == 1, "allocator");
  acre::workspace space;
  std::vector<int, acre::std_allocator<int>> more(space.get_allocator<int>());
  more.resize(100);
  expect(space.validate() == acre::status::ok, "workspace");
  acre::pmr_resource resource(space);
  resource.deallocate(resource.allocate(100), 100);
  expect(acre::set_exhaustion_hook(nullptr) == nullptr, "exhaustion hook");
}
