// SPDX-License-Identifier: MIT
#include "memory.hpp"

namespace demo {

constinit node_memory memory;

namespace {

constinit memory_plan the_plan;

// A buddy's blocks are aligned to their own size, so where its region begins decides which fit. At
// this alignment it is the same on every board. The region is the largest that the log can use and
// that leaves room for the others; its length is no power of two, and need not be.
constexpr size_t log_region_align = 2 * log_bytes_max;
constexpr size_t log_region_bytes = 2016;

// Slabs are aligned to their largest class.
constexpr size_t slab_region_align = 64;

// A heap's first block begins behind an alignment step, 8 bytes or 16, and behind the last is a bit for
// each. At this alignment a region of 1016 bytes has 992 for blocks, whichever of the two it is.
constexpr size_t setting_region_align = 16;

// Cuts regions off the front of the heap.
class heap_splitter {
 public:
  explicit heap_splitter(acre::region heap) noexcept : left_(heap) {}

  // Empty if the heap does not hold it.
  acre::region take(size_t bytes, size_t align = acre::default_alignment) noexcept {
    left_ = left_.aligned(align);
    if (bytes > left_.size) return {};
    const acre::region taken{left_.begin, bytes};
    left_ = {static_cast<unsigned char*>(left_.begin) + bytes, left_.size - bytes};
    return taken;
  }

 private:
  acre::region left_;
};

}  // namespace

const memory_plan& plan() noexcept {
  return the_plan;
}

acre::status plan_memory(acre::region heap) noexcept {
  heap_splitter split(heap);
  // The widest alignment first, where it skips the least that something else could have used.
  the_plan.logs = split.take(log_region_bytes, log_region_align);
  the_plan.events = split.take(event_slab::required_bytes_for_slabs(event_slabs, slab_region_align),
                               slab_region_align);
  the_plan.power = split.take(power_events::required_bytes(1));
  the_plan.packets = split.take(packet_pool::required_bytes(packet_count));
  the_plan.messages = split.take(message_pool::required_bytes(message_count));
  the_plan.window = split.take(window_arena::required_bytes(window_bytes));
  the_plan.settings = split.take(setting_bytes, setting_region_align);
  the_plan.scratch = split.take(scratch_bytes);

  // An empty region is refused by the allocator that gets it.
  const acre::status results[] = {
      memory.logs.init(the_plan.logs),         memory.events.init(the_plan.events),
      power_events::init(the_plan.power),      memory.packets.init(the_plan.packets),
      memory.messages.init(the_plan.messages), memory.window.init(the_plan.window),
      memory.settings.init(the_plan.settings), memory.scratch.init(the_plan.scratch),
  };
  for (const acre::status result : results) {
    if (result != acre::status::ok) return result;
  }
  return acre::status::ok;
}

}  // namespace demo
