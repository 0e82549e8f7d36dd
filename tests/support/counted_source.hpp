// SPDX-License-Identifier: MIT
// counted_source: regions from the C library, for tests of what grows on hosts. It fails at the n-th call if
// told so, and knows what is out. Its regions are aligned like any of malloc's, and hold no zeros.
#pragma once

#include <acre/concepts.hpp>
#include <acre/region.hpp>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

namespace acre::test {

/// An allocator calls it under its lock; a test may read the counts where nobody else calls.
class counted_source {
 public:
  constexpr counted_source() noexcept = default;
  counted_source(const counted_source&) = delete;
  counted_source& operator=(const counted_source&) = delete;

  [[nodiscard]] region acquire(size_t bytes) noexcept {
    ++calls_;
    if (calls_ == fail_at_ || always_fails_) {
      return {};
    }
    void* const memory = malloc(bytes);
    if (memory == nullptr) {
      return {};
    }
    // Enough of it to show who relies on zeros.
    memset(memory, 0xA5, bytes < 8192 ? bytes : 8192);
    ++regions_out_;
    bytes_out_ += bytes;
    return {memory, bytes};
  }
  void release(region memory) noexcept {
    --regions_out_;
    bytes_out_ -= memory.size;
    free(memory.begin);
  }
  [[nodiscard]] size_t granularity() const noexcept {
    return 4096;
  }

  /// The n-th call from now on fails; 0 for none.
  void fail_at(uint64_t n) noexcept {
    calls_ = 0;
    fail_at_ = n;
  }
  void fail_always(bool always) noexcept {
    always_fails_ = always;
  }
  [[nodiscard]] uint64_t calls() const noexcept {
    return calls_;
  }
  [[nodiscard]] size_t regions_out() const noexcept {
    return regions_out_;
  }
  [[nodiscard]] size_t bytes_out() const noexcept {
    return bytes_out_;
  }

 private:
  uint64_t calls_ = 0;
  uint64_t fail_at_ = 0;
  bool always_fails_ = false;
  size_t regions_out_ = 0;
  size_t bytes_out_ = 0;
};

static_assert(region_source<counted_source>);

}  // namespace acre::test
