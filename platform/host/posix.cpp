// SPDX-License-Identifier: MIT
// What POSIX is asked for: time, and to let others run.
#include <sched.h>
#include <time.h>

#include <acre/platform/counter.hpp>
#include <acre/platform/spin.hpp>

namespace acre::platform {

uint32_t ticks() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto seconds = static_cast<uint64_t>(now.tv_sec);
  return static_cast<uint32_t>(seconds * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec));
}

void detail::let_others_run() noexcept {
  sched_yield();
}

}  // namespace acre::platform
