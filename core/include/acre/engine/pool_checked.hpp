// SPDX-License-Identifier: MIT
// engine::pool_checked: fixed-size blocks, check levels basic and full.
//
// Structure: as pool_unchecked, and a map behind the blocks with one flag a block (detail::live_map).
// Blocks are numbered 1, 2, 3 ... downwards from base_, where the map begins, so that one pointer
// serves both. deallocate computes the block's number by exact division (detail::exact_divisor),
// compares it with the number of blocks ever handed out, which refuses every foreign, interior and
// misaligned address and all blocks that never left, and then takes the flag, which refuses every
// double free. Only the refusal itself, out of line, finds out which of them it was.
//
//   block total_ | ... | block carved_ | ... | block 2 | block 1 | map: flag 0, 1, 2 ...
//                                                                ^ base_
//
// I1  carved_ <= total_; blocks 1 .. carved_ have a valid flag.
// I2  A block is in the free list, once, iff its flag is set.
// I3  At level full, each free block holds the poison pattern behind its link.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/check_level.hpp>
#include <acre/detail/link.hpp>
#include <acre/detail/live_map.hpp>
#include <acre/detail/poison.hpp>
#include <acre/engine/pool_geometry.hpp>
#include <acre/fault.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::engine {

/// The part that does not depend on the block size at compile time.
template <class Map>
class pool_checked_core {
 protected:
  status init(region memory, const pool_geometry& geometry) noexcept;
  [[nodiscard]] acre::usage usage(const pool_geometry& geometry) const noexcept;
  [[nodiscard]] status validate(const pool_geometry& geometry, check_level level) const noexcept;
  [[gnu::cold, gnu::noinline]] status refuse(const void* p,
                                             const pool_geometry& geometry) const noexcept;

  detail::link* free_ = nullptr;
  unsigned char* base_ = nullptr;
  size_t carved_ = 0;
  size_t total_ = 0;
};

template <size_t Stride, size_t Align, check_level Level, class Map>
class pool_checked : public pool_checked_core<Map>, public pool_block<Stride, Align> {
  using block_shape = pool_block<Stride, Align>;
  using block_shape::geometry;
  using core = pool_checked_core<Map>;
  using core::base_;
  using core::carved_;
  using core::free_;
  using core::total_;

 public:
  static constexpr size_t bytes_for(size_t blocks) noexcept {
    return blocks * Stride + detail::round_up(Map::bytes_for(blocks), alignof(void*));
  }

  status init(region memory) noexcept {
    return core::init(memory, geometry);
  }

  [[nodiscard]] void* allocate() noexcept {
    if (detail::link* block = free_; block != nullptr) [[likely]] {
      if constexpr (Level == check_level::full) {
        if (!detail::is_poisoned(block, sizeof(*block), Stride)) {
          detail::raise_corruption(block, this);
        }
      }
      free_ = block->next;
      Map::set_live(base_, geometry.divisor.quotient(below_base(block)));
      return block;
    }
    const size_t q = carved_;
    if (q == total_) {
      return nullptr;
    }
    carved_ = q + 1;
    unsigned char* base = base_;
    Map::introduce(base, q + 1);
    return base - (q + 1) * Stride;
  }

  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return block_shape::fits(wanted) ? allocate() : nullptr;
  }

  status deallocate(void* p) noexcept {
    const size_t below = below_base(p);
    if (geometry.divisor.index(below) > carved_ ||
        !Map::set_free(base_, geometry.divisor.quotient(below))) [[unlikely]] {
      return core::refuse(p, geometry);
    }
    detail::link* block = detail::as_link(p);
    block->next = free_;
    free_ = block;
    if constexpr (Level == check_level::full) {
      detail::poison(p, sizeof(*block), Stride);
    }
    return status::ok;
  }

  status deallocate(void* p, layout given) noexcept {
    if (!block_shape::fits(given) && p != nullptr) [[unlikely]] {
      return detail::raise_misuse(status::wrong_size, p, this, __builtin_return_address(0));
    }
    return deallocate(p);
  }

  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept {
    const size_t q = geometry.divisor.index(below_base(p));
    return q <= carved_ && base_ != nullptr && !Map::is_free(base_, q) && block_shape::fits(given);
  }

  [[nodiscard]] bool owns(const void* p) const noexcept {
    return below_base(p) - 1 < total_ * Stride;
  }
  [[nodiscard]] acre::usage usage() const noexcept {
    return core::usage(geometry);
  }
  [[nodiscard]] status validate() const noexcept {
    return core::validate(geometry, Level);
  }
  [[nodiscard]] size_t largest_free() const noexcept {
    return free_ != nullptr || carved_ != total_ ? Stride : 0;
  }

  /// Calls visit(void* block) for each live block, highest address first. O(blocks).
  template <class Visitor>
  void for_each_live(Visitor&& visit) {
    for (size_t q = 1; q <= carved_; ++q) {
      if (!Map::is_free(base_, q)) {
        visit(static_cast<void*>(base_ - q * Stride));
      }
    }
  }

 private:
  [[nodiscard]] size_t below_base(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(base_) - reinterpret_cast<uintptr_t>(p);
  }
};

}  // namespace acre::engine
