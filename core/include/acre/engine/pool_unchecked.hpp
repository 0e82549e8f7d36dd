// SPDX-License-Identifier: MIT
// engine::pool_unchecked: fixed-size blocks, check level none.
//
// Structure: a LIFO list threaded through the free blocks, in front of a stretch that was never
// handed out. The stretch is carved from its upper end only when the list is empty, so init()
// touches nothing and costs O(1) whatever the region's size.
//
//   low_                       low_ + uncarved_                    low_ + total_
//   | never handed out ......... | carved: live, or in the free list |
//
// I1  uncarved_ <= total_, both multiples of the stride.
// I2  Every block of the free list lies in [low_ + uncarved_, low_ + total_) at a multiple of the
//     stride, once.
// Cost: allocate at most 9 and deallocate 6 instructions on Cortex-M3; four words of RAM.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>
#include <acre/detail/link.hpp>
#include <acre/engine/pool_geometry.hpp>
#include <acre/layout.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI::engine {

/// The part that does not depend on the block size at compile time: set-up and audits, compiled
/// once for all pools.
class ACRE_API pool_unchecked_core {
 public:
  static constexpr bool bounds_are_fixed = true;

  [[nodiscard]] bool owns(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(p) - reinterpret_cast<uintptr_t>(low_) < total_;
  }

 protected:
  // A region as two numbers: compilers pass them in registers, and a struct through memory.
  status init(void* begin, size_t size, size_t stride, size_t align) noexcept;
  [[nodiscard]] acre::usage usage(size_t stride) const noexcept;
  [[nodiscard]] status validate(size_t stride) const noexcept;

  detail::link* free_ = nullptr;
  size_t uncarved_ = 0;
  unsigned char* low_ = nullptr;
  size_t total_ = 0;
};

template <size_t Stride, size_t Align>
class pool_unchecked : public pool_unchecked_core, public pool_block<Stride, Align> {
  using block_shape = pool_block<Stride, Align>;

 public:
  using block_shape::geometry;

  static constexpr size_t bytes_for(size_t blocks, size_t stride = Stride) noexcept {
    return blocks * stride;
  }

  status init(region memory) noexcept {
    return pool_unchecked_core::init(memory.begin, memory.size, geometry.stride, geometry.align);
  }

  [[nodiscard]] void* allocate() noexcept {
    if (detail::link* block = free_; block != nullptr) [[likely]] {
      free_ = block->next;
      return block;
    }
    const size_t left = uncarved_;
    unsigned char* low = low_;
    // Both words are wanted in registers before the branch: one LDRD on cores that have it.
    __asm__("" : "+r"(low));
    if (left == 0) {
      return nullptr;
    }
    uncarved_ = left - geometry.stride;
    return low + (left - geometry.stride);
  }

  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return block_shape::fits(wanted) ? allocate() : nullptr;
  }

  status deallocate(void* p) noexcept {
    if (p != nullptr) {
      detail::link* block = detail::as_link(p);
      block->next = free_;
      free_ = block;
    }
    return status::ok;
  }

  status deallocate(void* p, layout) noexcept {
    return deallocate(p);
  }

  [[nodiscard]] acre::usage usage() const noexcept {
    return pool_unchecked_core::usage(geometry.stride);
  }
  [[nodiscard]] status validate() const noexcept {
    return pool_unchecked_core::validate(geometry.stride);
  }
  [[nodiscard]] size_t largest_free() const noexcept {
    return free_ != nullptr || uncarved_ != 0 ? geometry.stride : 0;
  }
};

}  // namespace acre::engine
