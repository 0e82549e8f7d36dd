// SPDX-License-Identifier: MIT
// os_memory: regions from the operating system, and arenas for threads. Hosts only.
#include <thread>

#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/port/local_arena.hpp>
#include <acre/port/os_mutex.hpp>
#include <acre/port/os_source.hpp>

#include "example.hpp"

namespace {

// A heap that grows by what the operating system has, 1 MiB at a time.
constinit acre::growing<acre::heap<64 << 20>, acre::os_source> orders;

void a_heap_that_grows() {
  EXPECT(orders.source().configure({.granularity = 1 << 20,
                                    .guard_pages = true,
                                    .keep_bytes = 4 << 20,  // what came back, for the next time,
                                    .keep_ms = 1000,        // for a second
                                    .name = "orders"}) == acre::status::ok);
  void* order = orders.allocate({5000, 16});
  EXPECT(order != nullptr);
  EXPECT(orders.source().accounts().in_use == 1 << 20);
  EXPECT(orders.deallocate(order, {5000, 16}) == acre::status::ok);
  EXPECT(orders.trim() == 1 << 20);  // to the source, which keeps it,
  EXPECT(orders.source().accounts().kept == 1 << 20);
  EXPECT(orders.source().trim() != 0);  // and to the system
  EXPECT(orders.source().accounts() == acre::os_accounts{});
}

void what_the_system_refuses() {
  acre::os_source source(acre::os_options{.limit_bytes = 1 << 20});
  const acre::region half = source.acquire(1 << 19);
  EXPECT(!half.empty());
  EXPECT(source.acquire(1 << 20).empty());
  EXPECT(source.last_failure().operation == acre::os_operation::limit);
  source.release(half);
}

// One group for all threads of the program; an arena for each.
using chunks = acre::chunk_group<acre::os_source, acre::port::os_mutex>;
constinit chunks group;

struct sample {
  int channel;
  int value;
};

void handle_requests() {
  acre::local_arena<chunks> scratch(group);  // or thread_local
  for (int request = 0; request < 100; ++request) {
    for (int i = 0; i < 1000; ++i) {
      EXPECT(scratch.construct<sample>(sample{i, request}) != nullptr);
    }
    scratch.reset_keep();  // ends the request; the next one uses the same chunks
  }
}  // here they go to the group

void threads_with_an_arena_each() {
  std::thread other(handle_requests);
  handle_requests();
  other.join();

  const acre::chunk_accounts accounts = group.accounts();
  EXPECT(accounts.chunks_out == 0);
  EXPECT(accounts.bytes_kept > 0);
  group.trim(accounts.bytes_kept / 2);  // on a timer: what nobody needs goes back to the system
  group.trim();
}

}  // namespace

extern "C" int acre_main() {
  a_heap_that_grows();
  what_the_system_refuses();
  threads_with_an_arena_each();
  return example::failures;
}
