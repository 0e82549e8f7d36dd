// SPDX-License-Identifier: MIT
// live_map: one flag a block, out of band: is block q free? Two layouts of the same thing. Bits take
// an eighth of the RAM; bytes save the shift, the mask and the read-modify-write, about six
// instructions in every deallocate.
//
// Blocks are numbered from 1. Flag 0 belongs to no block and is set for ever, so that the address
// just behind the blocks is refused like any block that is not live. Flags of blocks that were
// never handed out are not initialised: the engine bounds q first.
#pragma once

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::inline ACRE_ABI::detail {

struct ACRE_API bit_live_map {
  static constexpr bool packed = true;
  static constexpr size_t group = 32;

  static constexpr size_t bytes_for(size_t blocks) noexcept {
    return (blocks / group + 1) * sizeof(uint32_t);
  }
  /// The most blocks of `stride` bytes that fit into `bytes` together with their map.
  static constexpr size_t capacity(size_t bytes, size_t stride) noexcept {
    if (bytes < sizeof(uint32_t)) {
      return 0;
    }
    // Every full group costs its blocks and a word; the last, partial group already has its word.
    bytes -= sizeof(uint32_t);
    const size_t group_bytes = group * stride + sizeof(uint32_t);
    const size_t groups = divide(bytes, group_bytes);
    const size_t rest = divide(bytes - groups * group_bytes, stride);
    return groups * group + (rest < group ? rest : group - 1);
  }
  static void begin(void* map) noexcept {
    static_cast<uint32_t*>(map)[0] = 1;
  }
  /// Makes block q known as live, at the first time that it is handed out. q counts up by one.
  static void introduce(void* map, size_t q) noexcept {
    if (q % group == 0) {
      static_cast<uint32_t*>(map)[q / group] = 0;
    }
  }
  [[nodiscard]] static bool is_free(const void* map, size_t q) noexcept {
    return (static_cast<const uint32_t*>(map)[q / group] >> (q % group) & 1U) != 0;
  }
  /// Sets the flag; false iff it was set already.
  [[nodiscard]] static bool set_free(void* map, size_t q) noexcept {
    uint32_t& word = static_cast<uint32_t*>(map)[q / group];
    const uint32_t mask = uint32_t{1} << (q % group);
    if ((word & mask) != 0) [[unlikely]] {
      return false;
    }
    word |= mask;
    return true;
  }
  static void set_live(void* map, size_t q) noexcept {
    static_cast<uint32_t*>(map)[q / group] ^= uint32_t{1} << (q % group);
  }
};

struct ACRE_API byte_live_map {
  static constexpr bool packed = false;
  static constexpr size_t bytes_for(size_t blocks) noexcept {
    return blocks + 1;
  }
  static constexpr size_t capacity(size_t bytes, size_t stride) noexcept {
    return bytes == 0 ? 0 : divide(bytes - 1, stride + 1);
  }
  static void begin(void* map) noexcept {
    static_cast<uint8_t*>(map)[0] = 1;
  }
  static void introduce(void* map, size_t q) noexcept {
    static_cast<uint8_t*>(map)[q] = 0;
  }
  [[nodiscard]] static bool is_free(const void* map, size_t q) noexcept {
    return static_cast<const uint8_t*>(map)[q] != 0;
  }
  [[nodiscard]] static bool set_free(void* map, size_t q) noexcept {
    uint8_t& flag = static_cast<uint8_t*>(map)[q];
    if (flag != 0) [[unlikely]] {
      return false;
    }
    flag = 1;
    return true;
  }
  static void set_live(void* map, size_t q) noexcept {
    static_cast<uint8_t*>(map)[q] = 0;
  }
};

}  // namespace acre::detail
