// SPDX-License-Identifier: MIT
#include "record.hpp"

#include "settings.hpp"
#include "text.hpp"

namespace acre::certify {

namespace {

// The 99th percentile is the smallest count that 99 of 100 calls do not exceed: the least of the
// largest n/100 + 1 counts. So these are all that is kept, in a heap with the least on top: exact for
// counts of any size, where a histogram would need a bin for each, and a Cortex-M0 has 16 KiB.
constexpr unsigned tail_max = settings::steps / 100 + 2;

struct tally {
  uint32_t calls;
  counts most;
  uint64_t sum;
  unsigned kept;
  uint32_t tail[tail_max];

  void keep(uint32_t value);
  uint32_t percentile_99() const;
};

tally tallies[operation_count];
bool keeping = false;

void tally::keep(uint32_t value) {
  unsigned at = 0;
  if (kept < tail_max) {
    at = kept++;
    while (at != 0 && tail[(at - 1) / 2] > value) {
      tail[at] = tail[(at - 1) / 2];
      at = (at - 1) / 2;
    }
  } else if (value > tail[0]) {
    for (unsigned child = 1; child < kept; child = 2 * at + 1) {
      child += child + 1 < kept && tail[child + 1] < tail[child] ? 1 : 0;
      if (tail[child] >= value) {
        break;
      }
      tail[at] = tail[child];
      at = child;
    }
  } else {
    return;
  }
  tail[at] = value;
}

// Of the counts that are kept, the one that has calls / 100 others above it.
uint32_t tally::percentile_99() const {
  const unsigned above = calls / 100;
  for (unsigned i = 0; i < kept; ++i) {
    unsigned greater = 0;
    unsigned equal = 0;
    for (unsigned j = 0; j < kept; ++j) {
      greater += tail[j] > tail[i] ? 1 : 0;
      equal += tail[j] == tail[i] ? 1 : 0;
    }
    if (greater <= above && above < greater + equal) {
      return tail[i];
    }
  }
  return 0;
}

}  // namespace

void note(operation op, const counts& call) {
  tally& t = tallies[static_cast<unsigned>(op)];
  t.most.raise_to(call);
  t.sum += call.instructions;
  ++t.calls;
  if (keeping) {
    t.keep(call.instructions);
  }
}

const counts& worst_of(operation op) {
  return tallies[static_cast<unsigned>(op)].most;
}

void discard() {
  for (tally& t : tallies) {
    t.calls = 0;
    t.most = {};
    t.sum = 0;
    t.kept = 0;
  }
  keeping = false;
}

void keep_percentiles() {
  keeping = true;
}

void end_scenario(const subject& s, const char* scenario) {
  for (unsigned op = 0; op < operation_count; ++op) {
    const tally& t = tallies[op];
    if (t.calls != 0) {
      print_line("call", s.name, s.level, operation_names[op], scenario, uint64_t{t.calls},
                 uint64_t{t.most.instructions}, t.sum, uint64_t{t.percentile_99()},
                 uint64_t{t.most.masked});
    }
  }
  discard();
}

}  // namespace acre::certify
