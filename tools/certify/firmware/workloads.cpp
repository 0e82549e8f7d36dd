// SPDX-License-Identifier: MIT
#include "workloads.hpp"

#include "random.hpp"
#include "record.hpp"

namespace acre::certify {

namespace {

using settings::steady_blocks;
using settings::steps;

constexpr size_t wide_align = 64;
constexpr size_t pair_size = 32;

size_t steady_size(const subject& s) {
  return s.sizes.count == 1 ? s.sizes.smallest() : log_uniform(s.steady_most);
}

size_t network_size() {
  static constexpr uint16_t sizes[] = {64, 128, 576, 1514};
  return sizes[random_below(4)];
}

void run_pairs(const subject& s) {
  session session(s);
  session.restart();
  discard();
  keep_percentiles();
  for (unsigned step = 0; step < steps; ++step) {
    if (session.take(s.sizes.count == 1 ? s.sizes.smallest() : pair_size)) {
      session.give(0);
    }
  }
  end_scenario(s, "W1 pairs");
}

void run_random_order(const subject& s) {
  session session(s);
  session.restart();
  discard();
  keep_percentiles();
  for (size_t calls = 0; calls < steps / 2; calls += session.count() + 1) {
    session.give_newest_first();
    while (session.count() < settings::live_max && session.take(steady_size(s))) {
    }
    session.shuffle();
  }
  session.give_newest_first();
  end_scenario(s, "W2 random order");
}

void run_steady(const subject& s) {
  session session(s);
  session.restart();
  for (unsigned i = 0; i < steady_blocks; ++i) {
    session.replace(i, steady_size(s));
  }
  discard();
  keep_percentiles();
  for (unsigned step = 0; step < steps; ++step) {
    session.replace(random_below(steady_blocks), steady_size(s));
  }
  end_scenario(s, "W3 log-uniform");
}

void run_network(const subject& s) {
  session session(s);
  session.restart();
  for (unsigned i = 0; i < network_blocks; ++i) {
    session.replace(i, network_size());
  }
  discard();
  keep_percentiles();
  for (unsigned step = 0; step < steps; ++step) {
    session.replace(step % network_blocks, network_size());
  }
  end_scenario(s, "W5 network");
}

void run_aligned(const subject& s) {
  session session(s);
  session.restart();
  const unsigned blocks =
      (steady_blocks + 1) / 2;  // aligning takes up to as much as the block itself
  for (unsigned i = 0; i < blocks; ++i) {
    session.replace(i, steady_size(s));
  }
  discard();
  keep_percentiles();
  for (unsigned step = 0; step < steps; ++step) {
    session.replace(random_below(blocks), steady_size(s),
                    random_below(2) == 0 ? wide_align : default_alignment);
  }
  end_scenario(s, "W6 aligned");
}

void run_resize(const subject& s) {
  session session(s);
  session.restart();
  for (unsigned i = 0; i < steady_blocks; ++i) {
    session.replace(i, steady_size(s));
  }
  discard();
  keep_percentiles();
  for (unsigned step = 0; step < steps; ++step) {
    session.resize(random_below(steady_blocks), steady_size(s));
    if (step % 4 == 0) {
      session.replace(random_below(steady_blocks), steady_size(s));
    }
  }
  end_scenario(s, "W7 resize");
}

// The next request of a workload whose memory is measured: which block it replaces, and its size.
struct request {
  size_t index;
  size_t size;
};

constexpr unsigned blocks_of(workload w) {
  return w == workload::network ? network_blocks : steady_blocks;
}

request next(workload w, unsigned step) {
  const unsigned blocks = blocks_of(w);
  if (w == workload::network) {
    return {step % blocks, network_size()};
  }
  const size_t index = step < blocks ? step : random_below(blocks);
  return {index, log_uniform(511)};
}

}  // namespace

void run_workloads(const subject& s) {
  seed_random(1);
  run_pairs(s);
  if (s.last_in_first_out) {
    return;
  }
  run_random_order(s);
  run_steady(s);
  if (s.any_size && settings::has_network) {
    run_network(s);
  }
  if (s.allocate_aligned != nullptr) {
    run_aligned(s);
  }
  if (s.try_resize != nullptr) {
    run_resize(s);
  }
}

bool survives(const subject& s, workload w, uint32_t seed, size_t bytes) {
  session session(s, bytes);
  if (!session.restart()) {
    return false;
  }
  seed_random(seed);
  for (unsigned step = 0; step < steps; ++step) {
    const request r = next(w, step);
    session.replace(r.index, r.size);
    if (session.at(r.index).block == nullptr) {
      return false;
    }
  }
  return true;
}

size_t peak_payload(workload w, uint32_t seed) {
  uint16_t sizes[steady_blocks > network_blocks ? steady_blocks : network_blocks] = {};
  size_t payload = 0;
  size_t peak = 0;
  seed_random(seed);
  for (unsigned step = 0; step < steps; ++step) {
    const request r = next(w, step);
    payload += r.size;
    payload -= sizes[r.index];
    sizes[r.index] = static_cast<uint16_t>(r.size);
    peak = payload > peak ? payload : peak;
  }
  return peak;
}

}  // namespace acre::certify
