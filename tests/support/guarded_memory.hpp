// SPDX-License-Identifier: MIT
// guarded_memory: a region between guard bytes, so that a write outside of it is seen; and patterns
// that show whether the contents of a block are kept.
#pragma once

#include <acre/region.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

/// A byte of the pattern with number `tag`.
constexpr unsigned char pattern_byte(uint32_t tag, size_t index) noexcept {
  return static_cast<unsigned char>(tag * 37U + (tag >> 8) + index * 11U + (index >> 8));
}

inline void fill_pattern(void* block, size_t size, uint32_t tag) noexcept {
  auto* bytes = static_cast<unsigned char*>(block);
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = pattern_byte(tag, i);
  }
}

[[nodiscard]] inline bool holds_pattern(const void* block, size_t size, uint32_t tag) noexcept {
  const auto* bytes = static_cast<const unsigned char*>(block);
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] != pattern_byte(tag, i)) {
      return false;
    }
  }
  return true;
}

template <size_t Bytes>
class guarded_memory {
 public:
  static constexpr size_t guard_bytes = 128;
  static constexpr size_t slack_bytes = 128;  // for begins that are not aligned
  static constexpr size_t size = Bytes;

  /// A region of `size_bytes` that begins `offset` bytes behind an address that is aligned to 128, and
  /// holds what a previous user left: neither zeros nor the poison pattern.
  [[nodiscard]] region carve(size_t offset = 0, size_t size_bytes = Bytes) noexcept {
    lent_ = {bytes_ + guard_bytes + offset, size_bytes};
    for (unsigned char* byte = bytes_; byte != lent_.begin; ++byte) {
      *byte = guard_byte;
    }
    unsigned char* const end = bytes_ + guard_bytes + offset + size_bytes;
    for (size_t i = 0; i < guard_bytes; ++i) {
      end[i] = guard_byte;
    }
    fill_pattern(lent_.begin, size_bytes, 0xABU);
    return lent_;
  }
  [[nodiscard]] bool guards_intact() const noexcept {
    if (lent_.begin == nullptr) {
      return true;
    }
    bool intact = true;
    for (const unsigned char* byte = bytes_; byte != lent_.begin; ++byte) {
      intact = intact && *byte == guard_byte;
    }
    const unsigned char* const end = static_cast<const unsigned char*>(lent_.begin) + lent_.size;
    for (size_t i = 0; i < guard_bytes; ++i) {
      intact = intact && end[i] == guard_byte;
    }
    return intact;
  }
  /// True iff no byte of the region was written since carve().
  [[nodiscard]] bool untouched() const noexcept {
    return holds_pattern(lent_.begin, lent_.size, 0xABU);
  }
  /// Bytes of the region that were written since carve().
  [[nodiscard]] size_t bytes_touched() const noexcept {
    size_t touched = 0;
    const auto* bytes = static_cast<const unsigned char*>(lent_.begin);
    for (size_t i = 0; i < lent_.size; ++i) {
      touched += bytes[i] != pattern_byte(0xABU, i) ? 1U : 0U;
    }
    return touched;
  }
  [[nodiscard]] region lent() const noexcept {
    return lent_;
  }

 private:
  static constexpr unsigned char guard_byte = 0x6B;

  alignas(128) unsigned char bytes_[guard_bytes + slack_bytes + Bytes + guard_bytes] = {};
  region lent_;
};

}  // namespace acre::test
