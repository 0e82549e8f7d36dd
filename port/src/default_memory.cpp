// SPDX-License-Identifier: MIT
// The memory that acre::allocator takes from, and the one that it has before the program chooses.
#include <acre/port/default_memory.hpp>
#include <acre/port/general_memory.hpp>
#include <acre/port/process_lock.hpp>
#include <acre/port/process_source.hpp>
#include <acre/port/thread_cache.hpp>

namespace acre::inline ACRE_ABI {

namespace {

/// Each thread keeps a little for itself; what all keep of a size is a mebibyte at most.
template <bool Threads>
struct process_memory {
  using parts_type = general_memory<process_source>;
  using type =
      hosted::thread_cache<parts_type, detail::cached_sizes_of<parts_type>, default_checks,
                           process_source,
                           hosted::cache_limits{.magazine_bytes = 4096, .depot_magazines = 256}>;

  parts_type parts;
  type all{parts};
};
template <>
struct process_memory<false> {
  using type = general_memory<process_source, policies<process_lock>>;

  type all;
};

// Without a destructor, and not constructed at run time: static objects of any file may hold memory of it.
constinit process_memory<config::port_threads> process;
constexpr auto& built_in = process.all;
static_assert(std::is_trivially_destructible_v<decltype(process)>);

}  // namespace

constinit allocator_ref default_memory::current_{built_in};

status set_default_memory(allocator_ref chosen) noexcept {
  const allocator_ref own{built_in};
  if (default_memory::current_ == own && built_in.usage().blocks_in_use != 0) {
    return status::out_of_order;
  }
  default_memory::current_ = chosen == allocator_ref{} ? own : chosen;
  return status::ok;
}

usage built_in_memory_usage() noexcept {
  return built_in.usage();
}

}  // namespace acre
