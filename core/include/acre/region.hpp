// SPDX-License-Identifier: MIT
// region: bytes that the caller owns and lends to an allocator. Allocators never own memory.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>

namespace acre::inline ACRE_ABI {

/// A run of bytes, [begin, begin + size). The default region is empty.
///
/// The bytes must stay valid and must not be used by anything else while an allocator works on
/// them. Copying a region copies the description, not the bytes.
struct region {
  void* begin = nullptr;
  size_t size = 0;

  [[nodiscard]] uintptr_t address() const noexcept {
    return reinterpret_cast<uintptr_t>(begin);
  }
  [[nodiscard]] bool empty() const noexcept {
    return begin == nullptr || size == 0;
  }
  /// True iff the last byte lies at or above the first: no wrap around the address space.
  // These two are smaller inlined into an init() than called from it.
  [[nodiscard, gnu::always_inline]] inline bool valid() const noexcept {
    return !empty() && address() + (size - 1) >= address();
  }
  /// True iff `p` points into the region.
  [[nodiscard]] bool contains(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(p) - address() < size;
  }
  /// The region that is left when begin is moved up to a multiple of `align`; empty if nothing is.
  [[nodiscard, gnu::always_inline]] inline region aligned(size_t align) const noexcept {
    const size_t skip = (0 - address()) & (align - 1);
    const size_t lost = skip < size ? skip : size;
    return {static_cast<unsigned char*>(begin) + lost, size - lost};
  }
};

/// `Bytes` bytes of zero-initialised storage, to lend to an allocator.
///
/// Storage is a type of its own, apart from the allocator's state, because one non-zero member
/// beside it would move the whole buffer from .bss into flash.
template <size_t Bytes, size_t Align = 16>
struct static_region {
  static_assert(Bytes > 0 && detail::is_power_of_two(Align));

  alignas(Align) unsigned char bytes[Bytes];

  [[nodiscard]]
  operator region() noexcept {  // NOLINT(google-explicit-constructor): a region is what it is for
    return {bytes, Bytes};
  }
  static constexpr size_t size() noexcept {
    return Bytes;
  }
};

/// The region between two linker symbols, such as `__heap_start` and `__heap_end`; empty if they
/// are in the wrong order.
[[nodiscard]] inline region linker_region(void* begin, const void* end) noexcept {
  const auto first = reinterpret_cast<uintptr_t>(begin);
  const auto last = reinterpret_cast<uintptr_t>(end);
  return last > first ? region{begin, last - first} : region{};
}

}  // namespace acre
