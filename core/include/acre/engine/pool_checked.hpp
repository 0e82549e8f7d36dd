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
//   block end_ - 1 | ... | block next_ - 1 | ... | block 2 | block 1 | map: flag 0, 1, 2 ...
//                                                                    ^ base_
//
// I1  1 <= next_ <= end_; blocks 1 .. next_ - 1 have a valid flag.
// I2  A block is in the free list, once, iff its flag is set.
// I3  At level full, each free block holds the poison pattern behind its link.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/link.hpp>
#include <acre/detail/live_map.hpp>
#include <acre/detail/poison.hpp>
#include <acre/engine/pool_geometry.hpp>
#include <acre/engine/step_cursor.hpp>
#include <acre/fault.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI::engine {

/// How far a call in steps has come. A step is a block.
struct pool_cursor : step_cursor {
  size_t passed = 0;  // blocks 1 .. passed are done
};

/// The part that does not depend on the block size at compile time.
template <class Map>
class ACRE_API pool_checked_core {
 public:
  using cursor_type = pool_cursor;

 protected:
  // A region as two numbers: compilers pass them in registers, and a struct through memory.
  status init(void* begin, size_t size, const pool_geometry& geometry) noexcept;
  [[nodiscard]] acre::usage usage(const pool_geometry& geometry) const noexcept;
  [[nodiscard]] status validate(const pool_geometry& geometry, check_level level) const noexcept;
  [[nodiscard]] status validate_step(pool_cursor& cursor, size_t steps,
                                     const pool_geometry& geometry,
                                     check_level level) const noexcept;
  [[nodiscard]] status usage_step(pool_cursor& cursor, size_t steps, acre::usage& sum,
                                  const pool_geometry& geometry) const noexcept;
  /// ok, not_initialised, or corrupted if I1 does not hold.
  [[nodiscard]] status validate_bounds() const noexcept;
  [[nodiscard]] bool is_free_block(const void* p, const pool_geometry& geometry) const noexcept;
  [[gnu::cold, gnu::noinline]] status refuse(const void* p,
                                             const pool_geometry& geometry) const noexcept;

  [[nodiscard, gnu::always_inline]] inline size_t blocks() const noexcept {
    return end_ == 0 ? 0 : end_ - 1;
  }

  detail::link* free_ = nullptr;
  unsigned char* base_ = nullptr;
  size_t next_ = 0;  // the block to carve next; 0 until init(), so that no number is below it
  size_t end_ = 0;   // behind the last block
};

template <size_t Stride, size_t Align, check_level Level, class Map>
class pool_checked : public pool_checked_core<Map>, public pool_block<Stride, Align> {
  using block_shape = pool_block<Stride, Align>;
  using core = pool_checked_core<Map>;
  using core::base_;
  using core::end_;
  using core::free_;
  using core::next_;

 public:
  using block_shape::geometry;

  static constexpr size_t bytes_for(size_t blocks, size_t stride = Stride) noexcept {
    return blocks * stride + detail::round_up(Map::bytes_for(blocks), alignof(void*));
  }

  status init(region memory) noexcept {
    return core::init(memory.begin, memory.size, geometry);
  }

  [[nodiscard]] void* allocate() noexcept {
    if (detail::link* block = free_; block != nullptr) [[likely]] {
      if constexpr (Level == check_level::full) {
        if (!detail::is_poisoned(block, sizeof(*block), geometry.stride) || !is_link(block->next)) {
          detail::raise_corruption(block, this);
        }
      }
      free_ = block->next;
      Map::set_live(base_, geometry.divisor.quotient(below_base(block)));
      return block;
    }
    const size_t q = next_;
    if (q == end_) {
      return nullptr;
    }
    next_ = q + 1;
    unsigned char* base = base_;
    Map::introduce(base, q);
    return base - q * geometry.stride;
  }

  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return block_shape::fits(wanted) ? allocate() : nullptr;
  }

  status deallocate(void* p) noexcept {
    const size_t below = below_base(p);
    const size_t q = geometry.divisor.index(below);
    // Where flags are bits, the quotient's shift merges with those that find them; else it is one more.
    if (q >= next_ || !Map::set_free(base_, Map::packed ? geometry.divisor.quotient(below) : q))
        [[unlikely]] {
      return core::refuse(p, geometry);
    }
    detail::link* block = detail::as_link(p);
    block->next = free_;
    free_ = block;
    if constexpr (Level == check_level::full) {
      detail::poison(p, sizeof(*block), geometry.stride);
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
    return q < next_ && !Map::is_free(base_, q) && block_shape::fits(given);
  }

  static constexpr bool bounds_are_fixed = true;

  [[nodiscard]] bool owns(const void* p) const noexcept {
    return below_base(p) - 1 < core::blocks() * geometry.stride;
  }
  [[nodiscard]] acre::usage usage() const noexcept {
    return core::usage(geometry);
  }
  [[nodiscard]] status validate() const noexcept {
    return core::validate(geometry, Level);
  }
  [[nodiscard]] status validate_step(pool_cursor& cursor, size_t steps) const noexcept {
    return core::validate_step(cursor, steps, geometry, Level);
  }
  [[nodiscard]] status usage_step(pool_cursor& cursor, size_t steps,
                                  acre::usage& sum) const noexcept {
    return core::usage_step(cursor, steps, sum, geometry);
  }
  [[nodiscard]] size_t largest_free() const noexcept {
    return free_ != nullptr || next_ != end_ ? geometry.stride : 0;
  }

  /// Calls visit(void* block) for each live block, highest address first. O(blocks).
  template <class Visitor>
  void for_each_live(Visitor&& visit) const {
    for (size_t q = 1; q < next_; ++q) {
      if (!Map::is_free(base_, q)) {
        visit(static_cast<void*>(base_ - q * geometry.stride));
      }
    }
  }
  /// The same for the next `steps` blocks, live or free.
  template <class Visitor>
  [[nodiscard]] status walk_step(pool_cursor& cursor, size_t steps, Visitor&& visit) const {
    if (const status found = core::validate_bounds(); found != status::ok) {
      return found;
    }
    for (; steps != 0 && !cursor.over; --steps) {
      if (cursor.passed >= next_ - 1) {
        cursor.over = true;
      } else if (const size_t q = ++cursor.passed; !Map::is_free(base_, q)) {
        visit(static_cast<void*>(base_ - q * geometry.stride));
      }
    }
    return status::ok;
  }

 private:
  /// True iff `next` ends the free list or is a free block: a write after free leaves neither.
  [[nodiscard]] bool is_link(const void* next) const noexcept {
    const size_t q = geometry.divisor.index(below_base(next));
    return next == nullptr || (q - 1 < next_ - 1 && Map::is_free(base_, q));
  }
  [[nodiscard]] size_t below_base(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(base_) - reinterpret_cast<uintptr_t>(p);
  }
};

}  // namespace acre::engine
