// SPDX-License-Identifier: MIT
// micro_patterns: what micro does with each subject.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "subjects.hpp"

namespace bench {

/// What other files of this program add, behind its own subjects.
inline std::vector<void (*)()>& further_subjects() {
  static std::vector<void (*)()> functions;
  return functions;
}

enum class pattern { pairs, lifo, fifo, random, reset };

inline std::vector<size_t> order_of(pattern p) {
  std::vector<size_t> order(batch);
  std::iota(order.begin(), order.end(), size_t{0});
  if (p == pattern::lifo) {
    std::reverse(order.begin(), order.end());
  } else if (p == pattern::random) {
    std::mt19937 generator(1);
    std::shuffle(order.begin(), order.end(), generator);
  }
  return order;
}

template <class Subject>
void* take_and_touch(Subject& subject) {
  void* block = subject.take();
  *static_cast<unsigned char*>(block) = 1;
  benchmark::DoNotOptimize(block);
  return block;
}

template <class Subject>
std::unique_ptr<Subject> make_subject(benchmark::State& state) {
  auto subject = std::make_unique<Subject>();
  if constexpr (requires { subject->init(); }) {
    if (!subject->init()) {
      state.SkipWithError("init failed");
    }
  }
  return subject;
}

template <class Subject>
void run_pairs(benchmark::State& state) {
  const auto subject = make_subject<Subject>(state);
  for ([[maybe_unused]] auto _ : state) {
    for (size_t i = 0; i < batch; ++i) {
      subject->give(take_and_touch(*subject));
    }
  }
}

template <class Subject>
void run_batches(benchmark::State& state, pattern p) {
  const auto subject = make_subject<Subject>(state);
  const std::vector<size_t> order = order_of(p);
  std::vector<void*> blocks(batch);
  for ([[maybe_unused]] auto _ : state) {
    for (size_t i = 0; i < batch; ++i) {
      blocks[i] = take_and_touch(*subject);
    }
    if constexpr (requires { subject->reset(); }) {
      subject->reset();
    } else {
      for (size_t i = 0; i < batch; ++i) {
        subject->give(blocks[order[i]]);
      }
    }
  }
}

template <class Subject>
void add(const char* name, size_t size, pattern p) {
  static constexpr const char* names[] = {"pairs", "lifo", "fifo", "random", "reset"};
  const std::string full_name =
      std::string(names[static_cast<size_t>(p)]) + "/" + name + "/" + std::to_string(size);
  benchmark::RegisterBenchmark(full_name.c_str(), [p](benchmark::State& state) {
    if (p == pattern::pairs) {
      run_pairs<Subject>(state);
    } else {
      run_batches<Subject>(state, p);
    }
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * int64_t{batch});
  });
}

}  // namespace bench
