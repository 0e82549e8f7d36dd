// SPDX-License-Identifier: MIT
// memory: the node's memory plan. Which allocator serves what, how much it gets, and why; all of it
// from the one heap region that the linker script leaves.
//
// | memory   | allocator     | because                                                           |
// | packets  | pool          | one size, wanted quickly, given back in any order                 |
// | messages | pool, irqlock | as packets, but the interrupt handler takes the blocks            |
// | window   | arena         | a second's samples live together and die together                 |
// | events   | slab          | three small sizes; what one needs no longer, another can have     |
// | power    | slab provider | the same for one type, with memory that nothing else can take     |
// | logs     | buddy         | buffers that double as they grow                                  |
// | settings | heap         | any size, any lifetime, and they grow and shrink while in use         |
// | scratch  | stack         | two helpers that nest, one at each end, no guess who needs more   |
#pragma once

#include <acre/acre.hpp>
#include <acre/platform/irq_lock.hpp>

#include "records.hpp"

namespace demo {

// Every allocator checks each free and counts what happens, whatever the configuration's defaults.
using watched = acre::policies<acre::no_lock, acre::checks_basic, acre::usage_counters>;
using shared_with_interrupts =
    acre::policies<acre::platform::irq_lock, acre::checks_basic, acre::usage_counters>;

inline constexpr size_t packet_count = 24;
inline constexpr size_t message_count = 8;
inline constexpr size_t window_bytes = 768;
inline constexpr size_t event_slab_bytes = 128;
inline constexpr size_t event_slabs = 4;
inline constexpr size_t log_bytes_min = 64;
inline constexpr size_t log_bytes_max = 512;
inline constexpr size_t setting_bytes = 1016;
inline constexpr size_t scratch_bytes = 256;

using packet_pool = acre::object_pool<packet, watched>;
using message_pool = acre::object_pool<message, shared_with_interrupts>;
using window_arena = acre::arena<watched>;
// Headers out of band: a slab of 128 bytes is too small to hold one beside its objects.
using event_slab = acre::slab<acre::size_classes<16, 32, 64>, watched, event_slab_bytes,
                              acre::slab_metadata::out_of_band>;
using power_events = acre::slab_provider<power_event, "power", watched, event_slab_bytes,
                                         acre::slab_metadata::out_of_band>;
using log_buddy = acre::buddy<log_bytes_min, watched>;
// Of the size of its region: a header is 2 bytes, and the heap itself has 116 of control block.
using setting_heap = acre::heap<1024, watched>;
using scratch_stack = acre::stack<watched>;

/// The allocators that are objects; power_events is a type. They hold no memory themselves, and lie
/// in .bss.
struct node_memory {
  packet_pool packets;
  message_pool messages;
  window_arena window;
  event_slab events;
  log_buddy logs;
  setting_heap settings;
  scratch_stack scratch;
};
extern constinit node_memory memory;

/// Which bytes of the heap belong to whom.
struct memory_plan {
  acre::region packets;
  acre::region messages;
  acre::region window;
  acre::region events;
  acre::region power;
  acre::region logs;
  acre::region settings;
  acre::region scratch;
};

/// Splits `heap` and gives each allocator its part. Returns the first status that is not ok;
/// region_too_small if the heap does not hold the plan.
[[nodiscard]] acre::status plan_memory(acre::region heap) noexcept;

[[nodiscard]] const memory_plan& plan() noexcept;

inline constexpr size_t allocator_count = 8;

/// Calls visit(name, kind, block sizes, region, allocator) for each allocator of the plan.
template <class Visitor>
void for_each_allocator(Visitor&& visit) {
  visit("packets", "pool", "64", plan().packets, memory.packets);
  visit("messages", "pool", "32", plan().messages, memory.messages);
  visit("window", "arena", "any", plan().window, memory.window);
  visit("events", "slab", "16-64", plan().events, memory.events);
  visit("power", "slab", "16", plan().power, power_events::state());
  visit("logs", "buddy", "64-1024", plan().logs, memory.logs);
  visit("settings", "heap", "any", plan().settings, memory.settings);
  visit("scratch", "stack", "any", plan().scratch, memory.scratch);
}

}  // namespace demo
