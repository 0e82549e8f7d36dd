// SPDX-License-Identifier: MIT
// os_options: how a source over an operating system gets memory, keeps it, and gives it back; and what it says
// about that.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/port/os_memory.hpp>

namespace acre::inline ACRE_ABI {

/// What becomes of a region that is not kept (any more).
enum class give_back : uint8_t {
  address_space,  ///< all of it goes back: munmap, VirtualFree; in a larger reservation it is decommitted
  memory,         ///< its memory goes back at once, and it stays committed for the next acquire
  memory_lazily,  ///< as `memory`, when the system is short of memory (MADV_FREE, MEM_RESET)
};

/// Sizes are in bytes; those of pages are rounded up to what the system has. Example:
/// `acre::os_options{.granularity = 1 << 20, .guard_pages = true, .name = "orders"}`.
struct os_options {
  /// Regions are multiples of this. At least one page.
  size_t granularity = 65536;
  /// Regions begin at multiples of this power of two. 0: of a page (Windows: mostly 64 KiB).
  size_t alignment = 0;
  /// Address space that is reserved at a time, from which regions are then cut, upwards: a few large
  /// reservations, and regions next to each other. 0: each region is a mapping of its own.
  size_t reserve_bytes = 0;
  /// With reserve_bytes: commits this much at a time, so that most acquires need no system call. Not with
  /// guard_pages, between which nothing but one region is committed.
  size_t commit_step = 0;
  /// Huge pages where they can be had, else the next best kind: basic_os_source::pages_of() says what it
  /// became. explicit_huge: not with reserve_bytes, commit_step or guard_pages.
  port::page_kind pages = port::page_kind::normal;
  /// Regions are resident when they are handed out: no page faults later, and no surprise where memory is
  /// promised to more than there is for.
  bool prefault = false;
  /// A page on each side of a region that faults when it is touched. Costs two pages of address space, no
  /// memory, and a second system call for a mapping.
  bool guard_pages = false;
  /// Regions that come back are kept as they are, for the next acquire, up to this sum ...
  size_t keep_bytes = 0;
  /// ... and this long; 0: for any time. Time passes at calls of release() and trim_expired() only.
  uint32_t keep_ms = 0;
  /// What is done to those that are not.
  acre::give_back give_back = acre::give_back::address_space;
  /// The clock for keep_ms, in milliseconds; null: the system's. Asked once a release() that keeps
  /// something, never by acquire().
  uint64_t (*clock)() noexcept = nullptr;
  /// Shown in /proc/PID/maps by kernels that can, ignored by others. Must live as long as the source.
  const char* name = nullptr;
  /// No more than this is committed at a time; 0: as much as the system gives. For a memory cgroup, whose
  /// limit the system does not tell by refusing: it ends the process that goes over it.
  size_t limit_bytes = 0;
};

enum class os_operation : uint8_t {
  none,     ///< nothing has failed
  options,  ///< the options contradict each other; no call was made, and the code is 0
  limit,    ///< limit_bytes; no call was made, and the code is 0
  reserve,
  map,
  commit,
  decommit,
  purge,
  release,
  prefault,
};

/// The system's last refusal.
struct os_failure {
  os_operation operation = os_operation::none;
  port::os_error code = 0;  ///< errno, GetLastError()
};

/// Where a source's address space is, in bytes; and how many. `in_use`, `kept` and `idle` are committed.
struct os_accounts {
  size_t reserved = 0;      ///< all of it, guard pages included
  size_t committed = 0;     ///< of that, what can be accessed
  size_t in_use = 0;        ///< in regions that are out
  size_t kept = 0;          ///< came back and still has its memory: at most keep_bytes
  size_t idle = 0;          ///< committed ahead, or came back and was purged
  size_t metadata = 0;      ///< the source's own records; not in `reserved` and `committed`
  size_t regions = 0;       ///< a count: regions that are out
  size_t reservations = 0;  ///< a count: mappings, as they were made

  friend constexpr bool operator==(const os_accounts&, const os_accounts&) = default;
};

}  // namespace acre
