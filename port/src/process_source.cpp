// SPDX-License-Identifier: MIT
// The os_source of the process, and its lock.
#include <acre/policies.hpp>
#include <acre/port/os_source.hpp>
#include <acre/port/process_lock.hpp>
#include <acre/port/process_source.hpp>

#include <type_traits>

namespace acre::inline ACRE_ABI {

namespace {

// Workspaces that come and go need no system call for their first regions.
constexpr os_options options{.keep_bytes = size_t{4} * 1024 * 1024, .name = "acre"};

// Never destroyed, as what was taken from it may be used to the very end.
constinit os_source source{options};
constinit process_lock lock;
static_assert(std::is_trivially_destructible_v<os_source> &&
              std::is_trivially_destructible_v<process_lock>);

}  // namespace

region process_source::acquire(size_t bytes) noexcept {
  const lock_guard guard(lock);
  return source.acquire(bytes);
}

void process_source::release(region memory) noexcept {
  const lock_guard guard(lock);
  source.release(memory);
}

size_t process_source::granularity() noexcept {
  return source.granularity();  // follows from options that never change
}

}  // namespace acre
