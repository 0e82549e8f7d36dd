// SPDX-License-Identifier: MIT
// What Windows is asked for: time, and to let others run.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <acre/platform/counter.hpp>
#include <acre/platform/spin.hpp>

namespace acre::platform {

uint32_t ticks() noexcept {
  LARGE_INTEGER now;
  LARGE_INTEGER per_second;
  QueryPerformanceCounter(&now);
  QueryPerformanceFrequency(&per_second);
  constexpr uint64_t nanoseconds = 1'000'000'000;
  const auto count = static_cast<uint64_t>(now.QuadPart);
  const auto rate = static_cast<uint64_t>(per_second.QuadPart);
  // Whole seconds and the rest apart: the product of the whole count overflows after minutes.
  return static_cast<uint32_t>(count / rate * nanoseconds + count % rate * nanoseconds / rate);
}

void detail::let_others_run() noexcept {
  SwitchToThread();
}

}  // namespace acre::platform
