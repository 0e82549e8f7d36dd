// SPDX-License-Identifier: MIT
// main: counts the instructions of all allocators of one kind.
//
// For tools/certify to read:
//   allocator|name|level|bytes of the object|bytes of a block beside its payload
//   call|name|level|operation|scenario|calls|worst|sum|99th percentile, or 0|longest with the lock held,
//   or 0
//   tried|name|level|sequences that the search tried
//   traced|instructions of one call|longest with the lock held, where settings::tracing
//   end|ok
#include "climb.hpp"
#include "meter.hpp"
#include "record.hpp"
#include "session.hpp"
#include "shapes.hpp"
#include "text.hpp"
#include "workloads.hpp"

namespace acre::certify {

namespace {

uintptr_t distance(const void* a, const void* b) {
  const auto x = reinterpret_cast<uintptr_t>(a);
  const auto y = reinterpret_cast<uintptr_t>(b);
  return x < y ? y - x : x - y;
}

// What a block takes beside its payload: the least distance of two blocks of a size, less that size,
// over the sizes for which nothing is lost to alignment.
size_t header_bytes(const subject& s) {
  size_t least = SIZE_MAX;
  session session(s);
  const size_t first = s.sizes.count == 1 ? s.sizes.smallest() : 8;
  const size_t last = s.sizes.count == 1 ? s.sizes.smallest() : 64;
  for (size_t size = first; size <= last; ++size) {
    session.restart();
    session.fill(size, 8);
    for (size_t i = 1; i < session.count(); ++i) {
      const size_t spacing = distance(session.at(i).block, session.at(i - 1).block);
      least = spacing >= size && spacing - size < least ? spacing - size : least;
    }
  }
  discard();
  return least;
}

void run_reset(const subject& s) {
  session session(s);
  session.restart();
  discard();
  session.fill(s.sizes.smallest(), 1);
  session.reset();
  end_scenario(s, "one chunk");
}

void run_all(const subject& s) {
  run_workloads(s);
  run_shapes(s);
  run_climb(s);
}

void certify(const subject& s) {
  if (!settings::tracing) {
    print_line("allocator", s.name, s.level, uint64_t{s.control_bytes}, uint64_t{header_bytes(s)});
  }
  run_all(s);
  if (s.reset != nullptr) {
    run_reset(s);
  }
  if (s.deallocate_unsized != nullptr) {
    subject unsized = s;
    unsized.deallocate = s.deallocate_unsized;
    run_all(unsized);
  }
}

}  // namespace

}  // namespace acre::certify

extern "C" int acre_main() {
  acre::certify::start_meter();
  acre::certify::each_subject(acre::certify::certify);
  const bool ok = acre::certify::failures() == 0;
  acre::certify::print(ok ? "end|ok\n" : "end|failures\n");
  return ok ? 0 : 1;
}
