// SPDX-License-Identifier: MIT
// micro: nanoseconds to allocate and deallocate one block, in four patterns. A name is
// pattern/allocator/bytes; one item is one block taken and given back, and its first byte is written,
// as a user would.
//
//   pairs    one block at a time
//   lifo     256 blocks taken, given back newest first
//   fifo     256 blocks taken, given back oldest first
//   random   256 blocks taken, given back in a fixed random order
// Arenas take everything back at once, and so have their own: `reset` takes 256 blocks, then resets.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "subjects.hpp"

namespace bench {

namespace {

enum class pattern { pairs, lifo, fifo, random, reset };

std::vector<size_t> order_of(pattern p) {
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

template <size_t Size>
void add_size() {
  for (const pattern p : {pattern::pairs, pattern::lifo, pattern::fifo, pattern::random}) {
    add<malloc_subject<Size>>("malloc", Size, p);
    add<resource_subject<Size, std::pmr::unsynchronized_pool_resource>>("pmr unsynchronized pool",
                                                                        Size, p);
    add<resource_subject<Size, std::pmr::synchronized_pool_resource>>("pmr synchronized pool", Size,
                                                                      p);
    add<pool_subject<Size, none>>("pool none", Size, p);
    add<pool_subject<Size, basic>>("pool basic", Size, p);
    add<pool_subject<Size, full>>("pool full", Size, p);
    add<slab_subject<Size, none>>("slab none", Size, p);
    add<slab_subject<Size, basic>>("slab basic", Size, p);
    add<buddy_subject<Size, none>>("buddy none", Size, p);
    add<buddy_subject<Size, basic>>("buddy basic", Size, p);
    if (p == pattern::pairs || p == pattern::lifo) {
      add<stack_subject<Size, none>>("stack none", Size, p);
      add<stack_subject<Size, basic>>("stack basic", Size, p);
    }
  }
  // What is compared with malloc here still frees block by block, oldest first.
  add<malloc_subject<Size>>("malloc", Size, pattern::reset);
  add<monotonic_subject<Size>>("pmr monotonic buffer", Size, pattern::reset);
  add<arena_subject<Size, none>>("arena none", Size, pattern::reset);
  add<arena_subject<Size, basic>>("arena basic", Size, pattern::reset);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) {
  bench::add_size<16>();
  bench::add_size<64>();
  bench::add_size<256>();
  bench::add_size<1024>();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
