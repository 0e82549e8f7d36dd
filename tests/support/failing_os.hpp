// SPDX-License-Identifier: MIT
// failing_os: an operating system's layer that fails at the n-th call, and keeps account of what is out.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/port/os_memory.hpp>

namespace acre::test {

/// Passes each call on to `Native` and counts it. Static, as a layer is; start() before each use.
template <class Native>
struct failing_os {
  static constexpr port::os_error planted = 4711;

  /// What has been called since start().
  static inline uint32_t calls = 0;
  static inline uint32_t reserves = 0;
  static inline uint32_t maps = 0;
  static inline uint32_t commits = 0;
  static inline uint32_t decommits = 0;
  static inline uint32_t purges = 0;
  static inline uint32_t releases = 0;
  static inline uint32_t failures = 0;
  /// Bytes of address space that are out; and how many reservations and mappings.
  static inline size_t bytes_out = 0;
  static inline size_t reservations_out = 0;

  /// The `count` calls from the n-th on fail; n is 0 for none.
  static void start(uint32_t n = 0, uint32_t count = 1) noexcept {
    calls = reserves = maps = commits = decommits = purges = releases = failures = 0;
    fail_from = n;
    fail_count = count;
  }

  static size_t page_bytes() noexcept {
    return Native::page_bytes();
  }
  static size_t reserve_granularity() noexcept {
    return Native::reserve_granularity();
  }
  static size_t huge_page_bytes(port::page_kind kind) noexcept {
    return Native::huge_page_bytes(kind);
  }
  static port::os_error no_memory() noexcept {
    return Native::no_memory();
  }
  static port::os_error reserve(size_t bytes, size_t align, void*& begin) noexcept {
    ++reserves;
    return fails() ? planted : took(bytes, Native::reserve(bytes, align, begin));
  }
  static port::os_error map(size_t bytes, size_t align, port::page_kind kind,
                            void*& begin) noexcept {
    ++maps;
    return fails() ? planted : took(bytes, Native::map(bytes, align, kind, begin));
  }
  static port::os_error commit(void* begin, size_t bytes) noexcept {
    ++commits;
    return fails() ? planted : Native::commit(begin, bytes);
  }
  static port::os_error decommit(void* begin, size_t bytes) noexcept {
    ++decommits;
    return fails() ? planted : Native::decommit(begin, bytes);
  }
  static port::os_error purge(void* begin, size_t bytes, port::purge_kind kind) noexcept {
    ++purges;
    return fails() ? planted : Native::purge(begin, bytes, kind);
  }
  static port::os_error release(void* begin, size_t bytes) noexcept {
    ++releases;
    if (fails()) {
      return planted;
    }
    const port::os_error error = Native::release(begin, bytes);
    if (error == 0) {
      bytes_out -= bytes;
      --reservations_out;
    }
    return error;
  }
  static port::os_error protect(void* begin, size_t bytes, port::page_access access) noexcept {
    return fails() ? planted : Native::protect(begin, bytes, access);
  }
  static port::os_error prefault(void* begin, size_t bytes) noexcept {
    return fails() ? planted : Native::prefault(begin, bytes);
  }
  static port::os_error advise_huge(void* begin, size_t bytes) noexcept {
    return fails() ? planted : Native::advise_huge(begin, bytes);
  }
  static port::os_error name(void* begin, size_t bytes, const char* text) noexcept {
    return fails() ? planted : Native::name(begin, bytes, text);
  }
  static port::os_error resident(const void* begin, size_t size, size_t& bytes) noexcept {
    return fails() ? planted : Native::resident(begin, size, bytes);
  }
  static uint64_t now_ms() noexcept {
    return Native::now_ms();
  }

 private:
  static inline uint32_t fail_from = 0;
  static inline uint32_t fail_count = 0;

  static bool fails() noexcept {
    ++calls;
    const bool now = fail_from != 0 && calls >= fail_from && calls - fail_from < fail_count;
    failures += now ? 1U : 0U;
    return now;
  }
  static port::os_error took(size_t bytes, port::os_error error) noexcept {
    if (error == 0) {
      bytes_out += bytes;
      ++reservations_out;
    }
    return error;
  }
};

}  // namespace acre::test
