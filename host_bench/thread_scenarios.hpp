// SPDX-License-Identifier: MIT
// thread_scenarios: what is done with an allocator in several threads, and what it took, in nanoseconds of
// processor time. Each block's first byte is written, as a user would.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>
#include <thread>
#include <vector>

#include "measure.hpp"

namespace bench {

inline void* touch(void* block) {
  *static_cast<volatile unsigned char*>(block) = 1;
  return block;
}

/// A pseudo-random index; fast enough not to matter.
struct indices {
  uint32_t state = 12345;

  size_t next(size_t count) {
    state = state * 1664525 + 1013904223;
    return (uint64_t{state} * count) >> 32;
  }
};

/// Runs body() in `count` threads at once; the mean of what it answers.
template <class Body>
double in_threads(unsigned count, Body&& body) {
  std::atomic<unsigned> ready{0};
  std::vector<double> answers(count);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      ++ready;
      while (ready != count) {
        std::this_thread::yield();
      }
      answers[i] = body();
    });
  }
  double sum = 0;
  for (unsigned i = 0; i < count; ++i) {
    threads[i].join();
    sum += answers[i];
  }
  return sum / count;
}

/// Each thread takes a block and gives it back. Per pair.
template <class Subject>
double local_pairs(unsigned threads, size_t pairs) {
  return in_threads(threads, [&] {
    const double begin = thread_nanoseconds();
    for (size_t i = 0; i < pairs; ++i) {
      Subject::give(touch(Subject::take()));
    }
    return (thread_nanoseconds() - begin) / static_cast<double>(pairs);
  });
}

/// Each thread keeps 1000 blocks, and replaces one at random. Per replacement.
template <class Subject>
double local_random(unsigned threads, size_t pairs) {
  return in_threads(threads, [&] {
    void* kept[1000];
    for (void*& block : kept) {
      block = touch(Subject::take());
    }
    indices random;
    const double begin = thread_nanoseconds();
    for (size_t i = 0; i < pairs; ++i) {
      void*& block = kept[random.next(1000)];
      Subject::give(block);
      block = touch(Subject::take());
    }
    const double took = thread_nanoseconds() - begin;
    for (void* const block : kept) {
      Subject::give(block);
    }
    return took / static_cast<double>(pairs);
  });
}

struct passing {
  double allocate = 0;  // per packet, in the thread that allocates
  double free = 0;      // per packet, in the one that frees
};

/// Thread A allocates packets and hands them over in batches, B frees them, both at once; up to `ahead`
/// batches lie between them. What each spends on waiting is not counted.
template <class Subject>
passing producer_consumer(size_t packets) {
  constexpr size_t batch = 256;
  constexpr size_t ahead = 8;
  static void* ring[ahead][batch];
  std::atomic<size_t> filled{0};
  std::atomic<size_t> emptied{0};
  const size_t batches = packets / batch;
  passing took;
  std::thread consumer([&] {
    for (size_t i = 0; i < batches; ++i) {
      while (filled.load(std::memory_order_acquire) == i) {
        std::this_thread::yield();
      }
      const double begin = thread_nanoseconds();
      for (void* const block : ring[i % ahead]) {
        Subject::give(block);
      }
      took.free += thread_nanoseconds() - begin;
      emptied.store(i + 1, std::memory_order_release);
    }
  });
  for (size_t i = 0; i < batches; ++i) {
    while (i - emptied.load(std::memory_order_acquire) == ahead) {
      std::this_thread::yield();
    }
    const double begin = thread_nanoseconds();
    for (void*& block : ring[i % ahead]) {
      block = touch(Subject::take());
    }
    took.allocate += thread_nanoseconds() - begin;
    filled.store(i + 1, std::memory_order_release);
  }
  consumer.join();
  const auto count = static_cast<double>(batches * batch);
  return {took.allocate / count, took.free / count};
}

/// How long single calls of take() last, in nanoseconds, while 1000 blocks are kept and replaced at
/// random. What the clock itself takes is left out.
template <class Subject>
std::vector<double> allocation_times(size_t count) {
  uint64_t clock = UINT64_MAX;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t first = ticks();
    clock = std::min(clock, ticks() - first);
  }
  void* kept[1000];
  for (void*& block : kept) {
    block = touch(Subject::take());
  }
  indices random;
  std::vector<double> times;
  times.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    void*& block = kept[random.next(1000)];
    Subject::give(block);
    const uint64_t begin = ticks();
    block = Subject::take();
    const uint64_t took = ticks() - begin;
    times.push_back(static_cast<double>(took < clock ? 0 : took - clock) * tick_nanoseconds());
    touch(block);
  }
  for (void* const block : kept) {
    Subject::give(block);
  }
  return times;
}

}  // namespace bench
