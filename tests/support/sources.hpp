// SPDX-License-Identifier: MIT
// Sources for tests: one that can fail at the n-th call and that keeps account of its regions.
#pragma once

#include <acre/concepts.hpp>
#include <acre/region.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

/// Cuts regions of at least `chunk` bytes from a buffer of its own. The n-th acquire fails if told
/// so, and all after `capacity` are exhausted. A region that comes back must be one that went out.
template <size_t Count, size_t ChunkBytes>
class failing_source {
 public:
  constexpr failing_source() noexcept = default;
  failing_source(const failing_source&) = delete;
  failing_source& operator=(const failing_source&) = delete;

  [[nodiscard]] region acquire(size_t bytes) noexcept {
    ++calls_;
    if (calls_ == fail_at_ || bytes > ChunkBytes) {
      ++failures_;
      return {};
    }
    for (size_t i = 0; i < Count; ++i) {
      if (!out_[i]) {
        out_[i] = true;
        return chunk(i);
      }
    }
    ++failures_;
    return {};
  }
  void release(region memory) noexcept {
    for (size_t i = 0; i < Count; ++i) {
      const region given = chunk(i);
      if (memory.begin == given.begin && memory.size == given.size && out_[i]) {
        out_[i] = false;
        return;
      }
    }
    ++wrong_releases_;
  }
  [[nodiscard]] size_t granularity() const noexcept {
    return ChunkBytes;
  }

  /// The n-th acquire from now on fails; 0 for none.
  void fail_at(uint32_t n) noexcept {
    calls_ = 0;
    failures_ = 0;
    fail_at_ = n;
  }
  /// Every region begins `bytes` behind an aligned address.
  void misalign(size_t bytes) noexcept {
    offset_ = bytes;
  }
  [[nodiscard]] uint32_t calls() const noexcept {
    return calls_;
  }
  [[nodiscard]] uint32_t failures() const noexcept {
    return failures_;
  }
  [[nodiscard]] uint32_t wrong_releases() const noexcept {
    return wrong_releases_;
  }
  [[nodiscard]] size_t outstanding() const noexcept {
    size_t count = 0;
    for (const bool out : out_) {
      count += out ? 1U : 0U;
    }
    return count;
  }

 private:
  static constexpr size_t stride = ChunkBytes + 16;

  [[nodiscard]] region chunk(size_t index) noexcept {
    return {bytes_ + index * stride + offset_, ChunkBytes};
  }

  alignas(16) unsigned char bytes_[Count * stride] = {};
  bool out_[Count] = {};
  size_t offset_ = 0;
  uint32_t calls_ = 0;
  uint32_t fail_at_ = 0;
  uint32_t failures_ = 0;
  uint32_t wrong_releases_ = 0;
};

static_assert(region_source<failing_source<1, 64>>);

}  // namespace acre::test
