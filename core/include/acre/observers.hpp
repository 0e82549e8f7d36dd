// SPDX-License-Identifier: MIT
// Observers: what watches an allocator. Each costs nothing when it is not chosen.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI {

/// Watches nothing: no state, no instructions.
struct no_observer {
  void on_allocate(size_t) noexcept {}
  void on_deallocate(size_t) noexcept {}
  void on_exhausted(size_t) noexcept {}
  void on_refused() noexcept {}
  void on_usage(size_t, size_t) noexcept {}
};

/// Counts blocks and bytes in use, their peak, and what was refused. Seven words of RAM, about ten
/// instructions an operation.
class usage_counters {
 public:
  struct values {
    size_t bytes_in_use = 0;
    size_t blocks_in_use = 0;
    size_t bytes_peak = 0;
    size_t blocks_peak = 0;
    size_t exhausted_count = 0;          ///< allocations that answered null
    size_t largest_exhausted_bytes = 0;  ///< the largest request among them
    size_t refused_count = 0;            ///< deallocations refused as misuse
  };

  void on_allocate(size_t bytes) noexcept {
    on_usage(now_.bytes_in_use + bytes, now_.blocks_in_use + 1);
  }
  void on_deallocate(size_t bytes) noexcept {
    now_.bytes_in_use -= bytes;
    --now_.blocks_in_use;
  }
  void on_exhausted(size_t bytes) noexcept {
    ++now_.exhausted_count;
    now_.largest_exhausted_bytes = detail::max_of(now_.largest_exhausted_bytes, bytes);
  }
  void on_refused() noexcept {
    ++now_.refused_count;
  }
  /// Sets what is in use, after a call that gave back many blocks at once.
  void on_usage(size_t bytes, size_t blocks) noexcept {
    now_.bytes_in_use = bytes;
    now_.blocks_in_use = blocks;
    now_.bytes_peak = detail::max_of(now_.bytes_peak, bytes);
    now_.blocks_peak = detail::max_of(now_.blocks_peak, blocks);
  }

  [[nodiscard]] const values& read() const noexcept {
    return now_;
  }

 private:
  values now_;
};

/// usage_counters, and what an arena has spent beside its blocks since init(). Two words more.
class padding_counters : public usage_counters {
 public:
  void on_padding(size_t padding, size_t lost) noexcept {
    padding_bytes_ += padding;
    lost_bytes_ += lost;
  }
  /// In front of blocks, so that they are aligned. Part of bytes_in_use.
  [[nodiscard]] size_t padding_bytes() const noexcept {
    return padding_bytes_;
  }
  /// At the ends of regions that were too small for the next block. In no other figure.
  [[nodiscard]] size_t lost_bytes() const noexcept {
    return lost_bytes_;
  }

 private:
  size_t padding_bytes_ = 0;
  size_t lost_bytes_ = 0;
};

static_assert(observer_policy<no_observer> && observer_policy<usage_counters>);
static_assert(padding_observer<padding_counters> && !padding_observer<usage_counters>);

}  // namespace acre
