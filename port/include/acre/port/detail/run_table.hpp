// SPDX-License-Identifier: MIT
// run_table: what a source knows of its address space, a sorted array of runs. It lies in pages of its own, so
// that no write past a region reaches it; a few runs fit into the object.
//
// Why an array: regions are large and few, one is looked up in O(log runs), and the memmove of an insertion
// costs less than the system call that goes with it, up to some ten thousand.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/port/os_memory.hpp>

namespace acre::inline ACRE_ABI::detail {

enum class run_state : uint8_t {
  reserved,  // free, no access
  idle,      // free, committed, without memory as far as we know
  kept,      // free, committed, as its last user left it
  out,       // in use
};

/// Address space of one state. Its guard pages, if any, are its first and last page.
struct run {
  uintptr_t begin = 0;
  size_t size = 0;
  uint64_t since = 0;  // kept: when it came back
  run_state state = run_state::reserved;
  bool opens = false;  // the first run of a reservation
  port::page_kind pages = port::page_kind::normal;

  [[nodiscard]] uintptr_t end() const noexcept {
    return begin + size;
  }
};

template <port::os_memory_layer Os>
class run_table {
 public:
  static constexpr size_t inline_runs = 8;

  constexpr run_table() noexcept = default;
  run_table(const run_table&) = delete;
  run_table& operator=(const run_table&) = delete;

  [[nodiscard]] size_t count() const noexcept {
    return count_;
  }
  [[nodiscard]] run& operator[](size_t index) noexcept {
    return data()[index];
  }
  [[nodiscard]] const run& operator[](size_t index) const noexcept {
    return data()[index];
  }
  /// The number of runs that begin at or below `address`: the last of them is the one before.
  [[nodiscard]] size_t up_to(uintptr_t address) const noexcept {
    size_t low = 0;
    size_t high = count_;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (data()[middle].begin <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// So that `more` insertions are possible. 0, or the system's error; then nothing has changed.
  [[nodiscard]] port::os_error make_room(size_t more) noexcept {
    if (count_ + more <= capacity()) {
      return 0;
    }
    if (const port::os_error error = drop(stale_); error != 0) {
      return error;
    }
    const size_t bytes = round_up(2 * (count_ + more) * sizeof(run),
                                  max_of(Os::page_bytes(), Os::reserve_granularity()));
    void* fresh = nullptr;
    if (const port::os_error error = Os::map(bytes, 1, port::page_kind::normal, fresh);
        error != 0) {
      return error;
    }
    __builtin_memcpy(fresh, data(), count_ * sizeof(run));
    stale_ = pages_;
    pages_ = {static_cast<run*>(fresh), bytes};
    static_cast<void>(drop(stale_));  // else the next call tries again
    return 0;
  }
  /// Requires room.
  void insert(size_t index, const run& fresh) noexcept {
    run* at = data() + index;
    __builtin_memmove(static_cast<void*>(at + 1), at, (count_ - index) * sizeof(run));
    *at = fresh;
    ++count_;
  }
  void erase(size_t index, size_t how_many) noexcept {
    run* at = data() + index;
    count_ -= how_many;
    __builtin_memmove(static_cast<void*>(at), at + how_many, (count_ - index) * sizeof(run));
  }
  /// Gives the pages back if there is nothing in them. 0, or the system's error.
  port::os_error shrink() noexcept {
    port::os_error error = drop(stale_);
    if (count_ == 0 && error == 0) {
      error = drop(pages_);
    }
    return error;
  }
  [[nodiscard]] size_t bytes() const noexcept {
    return pages_.size + stale_.size;
  }

 private:
  struct pages {
    run* begin = nullptr;
    size_t size = 0;
  };

  [[nodiscard]] run* data() noexcept {
    return pages_.begin != nullptr ? pages_.begin : inline_;
  }
  [[nodiscard]] const run* data() const noexcept {
    return pages_.begin != nullptr ? pages_.begin : inline_;
  }
  [[nodiscard]] size_t capacity() const noexcept {
    return pages_.begin != nullptr ? pages_.size / sizeof(run) : inline_runs;
  }
  static port::os_error drop(pages& what) noexcept {
    if (what.begin == nullptr) {
      return 0;
    }
    const port::os_error error = Os::release(what.begin, what.size);
    if (error == 0) {
      what = {};
    }
    return error;
  }

  size_t count_ = 0;
  pages pages_;
  pages stale_;  // what the system would not take back
  run inline_[inline_runs] = {};
};

}  // namespace acre::detail
