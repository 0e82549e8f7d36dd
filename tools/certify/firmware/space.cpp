// SPDX-License-Identifier: MIT
// space: the smallest region in which each allocator of a kind gets through a workload. Nothing is
// counted here, so that the image may run without -icount, many times as fast.
//
// For tools/certify to read:
//   space|name|level|workload|seed|bytes of the region, 0: none does|peak payload
#include "meter.hpp"
#include "record.hpp"
#include "session.hpp"
#include "text.hpp"
#include "workloads.hpp"

namespace acre::certify {

namespace {

constexpr size_t grain = 16;
constexpr size_t scanned = 512;  // below the smallest known one, before the search gives up

// Bisection finds a region that suffices while one grain less does not. Allocators are not monotonic:
// less memory can suffice by luck, so the sizes below are tried one by one.
size_t smallest(const subject& s, workload w, uint32_t seed, size_t payload) {
  size_t enough = settings::region_bytes;
  if (!survives(s, w, seed, enough)) {
    return 0;
  }
  size_t too_small = payload / grain * grain;
  while (enough - too_small > grain) {
    const size_t middle = (too_small + (enough - too_small) / 2) / grain * grain;
    (survives(s, w, seed, middle) ? enough : too_small) = middle;
  }
  for (size_t bytes = enough - grain; bytes >= payload && bytes + scanned >= enough;
       bytes -= grain) {
    enough = survives(s, w, seed, bytes) ? bytes : enough;
  }
  return enough;
}

void measure_space(const subject& s) {
  if (!s.any_size || s.skip != 0) {
    return;
  }
  constexpr workload all[] = {workload::log_uniform, workload::network};
  for (const workload w : all) {
    for (uint32_t seed = 1; seed <= ACRE_CERTIFY_SEEDS; ++seed) {
      if (w == workload::network && !settings::has_network) {
        continue;
      }
      const size_t payload = peak_payload(w, seed);
      print_line("space", s.name, s.level, w == workload::network ? "W5" : "W3", uint64_t{seed},
                 uint64_t{smallest(s, w, seed, payload)}, uint64_t{payload});
      discard();
    }
  }
}

}  // namespace

}  // namespace acre::certify

extern "C" int acre_main() {
  acre::certify::start_meter();
  acre::certify::each_subject(acre::certify::measure_space);
  const bool ok = acre::certify::failures() == 0;
  acre::certify::print(ok ? "end|ok\n" : "end|failures\n");
  return ok ? 0 : 1;
}
