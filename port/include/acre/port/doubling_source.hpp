// SPDX-License-Identifier: MIT
// doubling_source: regions that double, so that an allocator that grows has few of them.
#pragma once

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/meta.hpp>

namespace acre::inline ACRE_ABI {

/// Asks `Source` for regions of at least 64 KiB, 128 KiB, ... up to 16 MiB, and starts small again when all
/// came back. May begin with a region of its own, which it keeps. Not synchronised: an allocator calls its
/// source under its own lock.
template <region_source Source>
class doubling_source {
 public:
  static constexpr size_t first_bytes = size_t{64} * 1024;
  static constexpr size_t most_bytes = size_t{16} * 1024 * 1024;

  constexpr doubling_source() noexcept = default;
  constexpr explicit doubling_source(const Source& source, region own = {}) noexcept
      : source_(source), own_(own) {}

  [[nodiscard]] region acquire(size_t bytes) noexcept {
    if (!own_given_ && own_.size >= bytes) {
      own_given_ = true;
      return own_;
    }
    const region memory = source_.acquire(bytes);
    if (!memory.empty()) {
      ++given_;
      next_bytes_ = detail::min_of(2 * next_bytes_, most_bytes);
    }
    return memory;
  }
  void release(region memory) noexcept {
    if (own_given_ && memory.begin == own_.begin) {
      own_given_ = false;
      return;
    }
    source_.release(memory);
    if (--given_ == 0) {
      next_bytes_ = first_bytes;
    }
  }
  /// The size of the next region, if nobody needs a larger one.
  [[nodiscard]] size_t granularity() const noexcept {
    return !own_given_ && !own_.empty() ? own_.size
                                        : detail::max_of(next_bytes_, source_.granularity());
  }

 private:
  [[no_unique_address]] Source source_{};
  region own_{};
  size_t next_bytes_ = first_bytes;
  size_t given_ = 0;
  bool own_given_ = false;
};

}  // namespace acre
