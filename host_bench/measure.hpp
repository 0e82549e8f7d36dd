// SPDX-License-Identifier: MIT
// measure: clocks and medians for the benchmarks that are programs of their own.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace bench {

/// What this thread has had of a processor, in nanoseconds: what other programs take meanwhile is not in it.
inline double thread_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

inline double wall_nanoseconds() {
  return std::chrono::duration<double, std::nano>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// A counter that is read in a few nanoseconds, in units of its own.
inline uint64_t ticks() {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_ia32_rdtsc();
#else
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// Nanoseconds in a tick, measured once.
inline double tick_nanoseconds() {
  static const double value = [] {
    const double wall = wall_nanoseconds();
    const uint64_t first = ticks();
    while (wall_nanoseconds() - wall < 2e7) {
    }
    return (wall_nanoseconds() - wall) / static_cast<double>(ticks() - first);
  }();
  return value;
}

inline double quantile(std::vector<double> values, double part) {
  if (values.empty()) {
    return 0;
  }
  const auto at = static_cast<size_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(at), values.end());
  return values[at];
}
inline double median(const std::vector<double>& values) {
  return quantile(values, 0.5);
}

}  // namespace bench
