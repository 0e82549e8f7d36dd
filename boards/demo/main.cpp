// SPDX-License-Identifier: MIT
// The demo: forty seconds of a sensor node's life, and what its memory did meanwhile.
//
// Start reading in memory.hpp, the memory plan. Every other file shows one thing: window.cpp an
// arena, sender.cpp a pool, receiver.cpp a pool that an interrupt uses, events.hpp a slab,
// log_buffer.cpp a buddy, settings.cpp a heap, node.cpp (close_window) a stack, faults.cpp the fault hook.
#include <acre/config.hpp>
#include <acre/platform/board.hpp>
#include <acre/platform/heap_region.hpp>
#include <acre/platform/stack.hpp>

#include "faults.hpp"
#include "memory.hpp"
#include "memory_map.hpp"
#include "node.hpp"
#include "recording.hpp"
#include "table.hpp"
#include "writer.hpp"

namespace platform = acre::platform;

namespace {

using namespace demo;

// Pictures, each as large as a small stack: not on it.
constinit memory_map busiest;
constinit memory_map at_the_end;

// The bugs that sender.cpp and settings.cpp plant.
constexpr size_t expected_faults = acre::config::trap_on_misuse ? 0 : 2;

// Not inlined, here and below: acre_main's frame lives as long as the program, and a line is 100 bytes.
[[gnu::noinline]] void print_title(size_t heap_bytes) noexcept {
  console_line line;
  line.text("acre demo: a sensor node on ").text(platform::board_name);
  line.text(", ").number(allocator_count).text(" allocators in ").number(heap_bytes);
  line.text(" bytes");
  line.print();
  print_line();
}

// True iff each allocator finds all its invariants true and nothing is in use.
bool all_given_back() noexcept {
  bool good = true;
  for_each_allocator([&](const char*, const char*, const char*, acre::region, auto& allocator) {
    good = good && allocator.validate() == acre::status::ok && allocator.usage().blocks_in_use == 0;
  });
  return good;
}

[[gnu::noinline]] void print_result(const node& played, bool clean) noexcept {
  print_line();
  console_line line;
  line.text("demo: ").count(played.samples(), "sample").text(", ");
  line.count(played.radio().sent(), "packet").text(" sent, ");
  line.number(played.radio().refused()).text(" refused, ");
  line.count(fault_count(), "bad free").text(" caught, ");
  line.text(clean ? "0 leaks" : "AND ERRORS");
  if (platform::stack_size() != 0) {
    line.text("; stack peak ").number(platform::stack_peak()).text(" bytes");
  }
  line.print();
}

}  // namespace

extern "C" int acre_main() {
  const platform::memory_extent heap = platform::heap_extent();
  print_title(heap.size);
  watch_faults();
  if (plan_memory({heap.begin, heap.size}) != acre::status::ok) {
    print_line("demo: the heap does not hold the memory plan");
    return 1;
  }

  node sensor_node(busiest);  // not static: its destructor would need atexit
  sensor_node.run({recording, recording_bytes});

  print_table();
  at_the_end.draw();
  busiest.print("Memory when most was in use");
  at_the_end.print("Memory at the end of the recording");
  print_legend();

  sensor_node.shut_down();
  const bool clean = all_given_back() && sensor_node.radio().damaged() == 0 &&
                     sensor_node.settings().damaged() == 0 && sensor_node.bad_lines() == 0 &&
                     fault_count() == expected_faults;
  print_result(sensor_node, clean);
  return clean ? 0 : 1;
}
