// SPDX-License-Identifier: MIT
// os_memory: what the options of os_source cost, and what arenas over a chunk group save. Prints medians of
// many batches; the options take turns, so that a slow moment of the machine meets them all.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <acre/mutex_lock.hpp>
#include <acre/port/local_arena.hpp>
#include <acre/port/os_source.hpp>

namespace {

using namespace acre;

constexpr size_t kib = 1024;
constexpr size_t mib = 1024 * kib;
constexpr size_t batches = 41;

double now_ns() {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                 std::chrono::steady_clock::now().time_since_epoch())
                                 .count());
}

double median(std::vector<double>& all) {
  std::nth_element(all.begin(), all.begin() + static_cast<ptrdiff_t>(all.size() / 2), all.end());
  return all[all.size() / 2];
}

template <class Body>
double time_each(size_t count, Body&& body) {
  body();  // what came before had the caches
  const double begin = now_ns();
  for (size_t i = 0; i < count; ++i) {
    body();
  }
  return (now_ns() - begin) / static_cast<double>(count);
}

void touch(const region& memory) {
  for (size_t at = 0; at < memory.size; at += 4096) {
    static_cast<volatile unsigned char*>(memory.begin)[at] = 1;
  }
}

void regions() {
  struct entry {
    const char* name;
    os_options options;
  };
  const entry entries[] = {
      {"a mapping each", {}},
      {"guard pages", {.guard_pages = true}},
      {"prefault", {.prefault = true}},
      {"cut from 64 MiB, 1 MiB steps", {.reserve_bytes = 64 * mib, .commit_step = mib}},
      {"purged, not unmapped", {.give_back = give_back::memory}},
      {"purged lazily", {.give_back = give_back::memory_lazily}},
      {"kept", {.keep_bytes = 4 * mib}},
      {"kept for a second", {.keep_bytes = 4 * mib, .keep_ms = 1000}},
  };
  constexpr size_t count = sizeof entries / sizeof entries[0];
  std::vector<double> bare[count];
  std::vector<double> touched[count];
  std::unique_ptr<os_source> sources[count];
  region held[count];
  for (size_t i = 0; i < count; ++i) {
    sources[i] = std::make_unique<os_source>(entries[i].options);
    held[i] = sources[i]->acquire(64 * kib);  // so that a reservation stays
  }
  for (size_t batch = 0; batch < batches; ++batch) {
    for (size_t i = 0; i < count; ++i) {
      bare[i].push_back(
          time_each(200, [&] { sources[i]->release(sources[i]->acquire(64 * kib)); }));
      touched[i].push_back(time_each(50, [&] {
        const region memory = sources[i]->acquire(64 * kib);
        touch(memory);
        sources[i]->release(memory);
      }));
    }
  }
  printf("64 KiB acquired and released, ns     untouched   each page written\n");
  for (size_t i = 0; i < count; ++i) {
    printf("  %-32s %11.0f %19.0f\n", entries[i].name, median(bare[i]), median(touched[i]));
    sources[i]->release(held[i]);
    sources[i]->trim();
  }
}

void huge_pages() {
  std::vector<double> first[2];
  std::vector<double> random[2];
  constexpr size_t bytes = 128 * mib;
  for (size_t batch = 0; batch < 5; ++batch) {
    for (size_t huge = 0; huge < 2; ++huge) {
      os_source source(os_options{.pages = huge != 0 ? port::page_kind::transparent_huge
                                                     : port::page_kind::normal});
      const region memory = source.acquire(bytes);
      if (memory.empty()) {
        puts("no 128 MiB here");
        return;
      }
      const double begin = now_ns();
      touch(memory);
      first[huge].push_back((now_ns() - begin) / (bytes / 4096));
      uint64_t state = 1;
      auto* words = static_cast<volatile uint64_t*>(memory.begin);
      random[huge].push_back(time_each(2'000'000, [&] {
        state = state * 6364136223846793005U + 1442695040888963407U;
        words[(state >> 33) % (bytes / 8)] = state;
      }));
      source.release(memory);
    }
  }
  printf("\n128 MiB                    first write, ns/4 KiB   random writes, ns each\n");
  printf("  normal pages             %21.0f %24.1f\n", median(first[0]), median(random[0]));
  printf("  transparent huge pages   %21.0f %24.1f\n", median(first[1]), median(random[1]));
}

using group_type = chunk_group<os_source, mutex_lock<std::mutex>>;
constexpr size_t blocks = 4000;

void frames() {
  group_type group;
  group_type keeps_nothing(chunk_options{.keep_bytes = 0});
  std::vector<double> times[5];
  local_arena<group_type> lasting(group);
  static void* all[blocks];
  const auto fill = [](auto& arena) {
    for (size_t i = 0; i < blocks; ++i) {
      *static_cast<volatile unsigned char*>(arena.allocate(64 + i % 7 * 64)) = 1;
    }
  };
  for (size_t batch = 0; batch < batches; ++batch) {
    times[0].push_back(time_each(5, [&] {
      for (size_t i = 0; i < blocks; ++i) {
        all[i] = malloc(64 + i % 7 * 64);
        *static_cast<volatile unsigned char*>(all[i]) = 1;
      }
      for (void* block : all) {
        free(block);
      }
    }));
    times[1].push_back(time_each(5, [&] {
      fill(lasting);
      lasting.reset_keep();
    }));
    times[2].push_back(time_each(5, [&] {
      fill(lasting);
      lasting.reset();
    }));
    times[3].push_back(time_each(5, [&] {
      local_arena<group_type> fresh(group);
      fill(fresh);
    }));
    times[4].push_back(time_each(5, [&] {
      local_arena<group_type> fresh(keeps_nothing);
      fill(fresh);
    }));
  }
  const char* const names[] = {"malloc, free", "one arena, reset_keep", "one arena, reset",
                               "an arena each, chunks recycled", "an arena each, none kept"};
  const double base = median(times[0]);
  printf("\n%zu blocks of 64 to 448 bytes, written to, then all given back\n", blocks);
  for (size_t i = 0; i < 5; ++i) {
    printf("  %-32s %6.1f ns a block   %5.2f of malloc\n", names[i],
           median(times[i]) / static_cast<double>(blocks), median(times[i]) / base);
  }
}

// Two threads, each of which writes to its own block all the time.
double two_writers(volatile uint64_t* one, volatile uint64_t* two) {
  constexpr uint64_t rounds = 3'000'000;
  const auto write = [](volatile uint64_t* to) {
    for (uint64_t i = 0; i < rounds; ++i) {
      *to = *to + 1;
    }
  };
  const double begin = now_ns();
  std::thread other(write, two);
  write(one);
  other.join();
  return (now_ns() - begin) / static_cast<double>(rounds);
}

void sharing() {
  group_type group;
  local_arena<group_type> one(group);
  local_arena<group_type> two(group);
  auto* const shared_one = static_cast<uint64_t*>(one.allocate(8));
  auto* const shared_two = static_cast<uint64_t*>(one.allocate(8, 8));  // beside it
  auto* const apart = static_cast<uint64_t*>(two.allocate(8));
  std::vector<double> together;
  std::vector<double> separate;
  for (int i = 0; i < 9; ++i) {
    together.push_back(two_writers(shared_one, shared_two));
    separate.push_back(two_writers(shared_one, apart));
  }
  printf("\nTwo threads that write to a block each, ns a write\n");
  printf("  blocks of one arena   %5.2f\n  an arena each         %5.2f\n", median(together),
         median(separate));
}

}  // namespace

int main() {
  regions();
  huge_pages();
  frames();
  sharing();
}
