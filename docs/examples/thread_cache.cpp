// SPDX-License-Identifier: MIT
// hosted::thread_cache: magazines for each thread in front of an allocator that all threads share. For hosts.
#include <acre/port/thread_cache.hpp>

#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/port/os_source.hpp>
#include <acre/typed.hpp>

#include <thread>

#include "example.hpp"

namespace {

struct order {
  int item;
  int amount;
};

// Any size, from the operating system, for all threads. The heap needs no lock of its own.
using memory = acre::growing<acre::heap<64 << 20>, acre::os_source>;
constinit memory orders_memory;
constinit acre::hosted::thread_cache<memory> orders(orders_memory);

void pass_an_order_to_another_thread() {
  auto* const placed = acre::construct<order>(orders, order{7, 2});
  EXPECT(placed != nullptr);
  std::thread worker([placed] {
    EXPECT(placed->amount == 2);
    // Into this thread's magazine, whoever allocated it: no lock, and nobody waits.
    EXPECT(acre::destroy(orders, placed) == acre::status::ok);
  });
  worker.join();  // what the worker kept is in the depot now
  EXPECT(orders.usage().blocks_in_use == 0);
}

void refuse_a_second_free() {
  void* const block = orders.allocate({100, 8});
  EXPECT(orders.deallocate(block, {100, 8}) == acre::status::ok);
  EXPECT(orders.deallocate(block, {100, 8}) == acre::status::double_free);
}

void look_at_what_it_does() {
  for (int i = 0; i < 1000; ++i) {
    void* const block = orders.allocate({48, 8});
    EXPECT(orders.deallocate(block, {48, 8}) == acre::status::ok);
  }
  EXPECT(orders.counts().hit_rate() > 0.99);
  EXPECT(orders.counts().cached_bytes > 0);
}

void return_it_to_the_system() {
  orders.flush();             // this thread's magazines go to the depot: before it sleeps for long
  EXPECT(orders.trim() > 0);  // and from there to the heap, which has nothing in use
  EXPECT(orders.counts().cached_blocks == 0);
}

}  // namespace

extern "C" int acre_main() {
  pass_an_order_to_another_thread();
  refuse_a_second_free();
  look_at_what_it_does();
  return_it_to_the_system();
  return example::failures;
}
