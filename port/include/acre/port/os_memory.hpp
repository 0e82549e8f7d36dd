// SPDX-License-Identifier: MIT
// os_memory: what an operating system does with address space and pages, as a dozen functions that are the
// same on all. Sources take such a layer as a template argument, so that a test can put one in between that
// fails. Nothing here allocates, keeps state or takes a lock: each call is one system call or a few.
//
// Words: reserved address space can't be used by anything else, and not be accessed either. Committed pages
// can be accessed; they become resident, that is, have memory behind them, when they are first written to.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>
#include <acre/detail/meta.hpp>

namespace acre::inline ACRE_ABI::port {

/// 0: done. Else the system's own number: errno on POSIX, GetLastError() on Windows.
using os_error = int;

/// What a mapping's pages are.
enum class page_kind : uint8_t {
  normal,            ///< what the processor has: 4 KiB on most
  transparent_huge,  ///< the kernel is asked to use huge pages where it can (madvise)
  explicit_huge,  ///< huge pages that an administrator has set aside (MAP_HUGETLB, MEM_LARGE_PAGES)
};

enum class page_access : uint8_t { none, read, read_write };

/// When purged pages leave memory.
enum class purge_kind : uint8_t {
  at_once,  ///< now
  lazily,   ///< when the system is short of memory; cheaper if they are written to again before
};

struct ACRE_API posix_system;
struct ACRE_API windows_system;

/// The layer of one system. All members are declared for both and defined where that system is compiled for
/// (src/os_memory_posix.cpp, src/os_memory_windows.cpp). Any thread may call them at any time; POSIX: not
/// signal handlers, by the letter of POSIX.
///
/// Addresses and sizes are multiples of page_bytes(), those of release() what reserve() or map() gave.
template <class System>
struct ACRE_API os_memory {
  /// The unit of commit, decommit, purge and protect. No system call after the first one.
  [[nodiscard]] static size_t page_bytes() noexcept;
  /// What reservations are aligned to: 64 KiB on Windows, else a page.
  [[nodiscard]] static size_t reserve_granularity() noexcept;
  /// The size of a huge page; 0 iff there are none of this kind (normal: page_bytes()). Explicit ones may
  /// still be all in use. Linux: reads files, once a process.
  [[nodiscard]] static size_t huge_page_bytes(page_kind kind) noexcept;
  /// The number for "no memory", for requests that are too large to be asked for.
  [[nodiscard]] static os_error no_memory() noexcept;

  /// Takes address space, aligned to `align`, a power of two. On failure `begin` is untouched.
  [[nodiscard]] static os_error reserve(size_t bytes, size_t align, void*& begin) noexcept;
  /// As reserve() and commit() in one. With explicit_huge, `bytes` is a multiple of the huge page, and
  /// `align` at most that.
  [[nodiscard]] static os_error map(size_t bytes, size_t align, page_kind kind,
                                    void*& begin) noexcept;
  /// Makes reserved pages accessible, as zeros.
  [[nodiscard]] static os_error commit(void* begin, size_t bytes) noexcept;
  /// Makes committed pages reserved again; what they held is lost, and their memory is the system's.
  [[nodiscard]] static os_error decommit(void* begin, size_t bytes) noexcept;
  /// Gives back the memory of committed pages; they stay accessible, and hold what they held, or zeros.
  [[nodiscard]] static os_error purge(void* begin, size_t bytes, purge_kind kind) noexcept;
  /// Gives back a whole reservation or mapping.
  [[nodiscard]] static os_error release(void* begin, size_t bytes) noexcept;
  [[nodiscard]] static os_error protect(void* begin, size_t bytes, page_access access) noexcept;
  /// Makes committed pages resident, whose contents don't matter yet.
  [[nodiscard]] static os_error prefault(void* begin, size_t bytes) noexcept;
  /// Asks for transparent huge pages. An error where the system has none.
  [[nodiscard]] static os_error advise_huge(void* begin, size_t bytes) noexcept;
  /// The name of a mapping in /proc/PID/maps. An error where the system knows no names. At most 79
  /// characters; not one of []\$`, nor control characters. Read at each call, so it must live as long.
  [[nodiscard]] static os_error name(void* begin, size_t bytes, const char* text) noexcept;
  /// Adds the bytes of committed pages that are resident to `bytes`. O(pages).
  [[nodiscard]] static os_error resident(const void* begin, size_t size, size_t& bytes) noexcept;
  /// Milliseconds of a clock that never goes back.
  [[nodiscard]] static uint64_t now_ms() noexcept;
};

extern template struct os_memory<posix_system>;
extern template struct os_memory<windows_system>;
using posix_memory = os_memory<posix_system>;
using windows_memory = os_memory<windows_system>;

/// What stands in for an os_memory.
template <class Os>
concept os_memory_layer = requires(void* begin, const void* place, size_t bytes, void*& found,
                                   size_t& sum) {
  { Os::page_bytes() }
  noexcept->acre::detail::same_as<size_t>;
  { Os::reserve_granularity() }
  noexcept->acre::detail::same_as<size_t>;
  { Os::huge_page_bytes(page_kind::normal) }
  noexcept->acre::detail::same_as<size_t>;
  { Os::no_memory() }
  noexcept->acre::detail::same_as<os_error>;
  { Os::reserve(bytes, bytes, found) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::map(bytes, bytes, page_kind::normal, found) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::commit(begin, bytes) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::decommit(begin, bytes) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::purge(begin, bytes, purge_kind::at_once) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::release(begin, bytes) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::protect(begin, bytes, page_access::none) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::prefault(begin, bytes) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::advise_huge(begin, bytes) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::name(begin, bytes, "") }
  noexcept->acre::detail::same_as<os_error>;
  { Os::resident(place, bytes, sum) }
  noexcept->acre::detail::same_as<os_error>;
  { Os::now_ms() }
  noexcept->acre::detail::same_as<uint64_t>;
};

static_assert(os_memory_layer<posix_memory> && os_memory_layer<windows_memory>);

}  // namespace acre::port
