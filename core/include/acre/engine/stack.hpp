// SPDX-License-Identifier: MIT
// engine::stack: LIFO allocation from both ends of one region.
//
// Structure: each block has a header of two words in front of it that says what the stack looked
// like before: where the side's free edge was, and which block was the newest. So taking a block
// back restores the alignment padding too, and "is this the newest block?" is one comparison, exact
// at every check level that asks.
//
//   begin_ | pad header block | header block | ... free ... | header block | header block pad | end_
//                          low: newest ^   edge ^         ^ edge    ^ newest: high
//
// I1  begin_ <= low edge <= high edge <= end_.
// I2  Each side's chain of headers runs monotonically to that side's end of the region, in as many
//     steps as the side has blocks.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/step_cursor.hpp>
#include <acre/layout.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI {

/// The two ends of a stack's region.
enum class stack_side : uint8_t { low, high };

namespace engine {

struct stack_mark {
  uintptr_t edge = 0;
  uintptr_t newest = 0;
  size_t blocks = 0;
  stack_side side = stack_side::low;
};

/// How far a validation in steps has come. A step is a block, from the newest down, the low side first.
struct stack_cursor : step_cursor {
  bool begun = false;
  stack_mark next;  // the side as it was before the blocks that are done
};

class ACRE_API stack_core {
 public:
  using cursor_type = stack_cursor;

  struct header {
    uintptr_t edge;    // the side's free edge before this block
    uintptr_t newest;  // the block that was the newest before; 0 for none
  };
  static constexpr size_t header_bytes = sizeof(header);

  static constexpr size_t block_bytes(layout l) noexcept {
    return l.size;
  }

  status init(region memory) noexcept;
  [[nodiscard]] void* allocate(layout wanted, stack_side side = stack_side::low) noexcept;
  [[nodiscard]] stack_mark mark(stack_side side) const noexcept {
    return sides_[index(side)];
  }
  /// True iff `m` is the state of its side at some block that is still there, or the present one.
  /// O(1) at basic: the edges are in order. At full the chain is walked, O(blocks of the side).
  [[nodiscard]] bool reachable(const stack_mark& m, check_level level) const noexcept;
  void rewind(const stack_mark& m, check_level level) noexcept;
  void reset(check_level level) noexcept;

  static constexpr bool bounds_are_fixed = true;

  [[nodiscard]] bool owns(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(p) - begin_ < end_ - begin_;
  }
  /// Blocks and the padding before them; their headers are overhead.
  [[nodiscard]] size_t bytes_in_use() const noexcept {
    return (low().edge - begin_) + (end_ - high().edge) - blocks_in_use() * header_bytes;
  }
  [[nodiscard]] size_t blocks_in_use() const noexcept {
    return low().blocks + high().blocks;
  }
  [[nodiscard]] acre::usage usage() const noexcept;
  [[nodiscard]] size_t largest_free() const noexcept;
  [[nodiscard]] status validate() const noexcept;
  [[nodiscard]] status validate_step(stack_cursor& cursor, size_t steps) const noexcept;

 protected:
  static constexpr size_t index(stack_side side) noexcept {
    return side == stack_side::low ? 0 : 1;
  }
  [[nodiscard]] const stack_mark& low() const noexcept {
    return sides_[0];
  }
  [[nodiscard]] const stack_mark& high() const noexcept {
    return sides_[1];
  }
  void pop(stack_mark& side) noexcept;
  /// I1
  [[nodiscard]] bool edges_in_order() const noexcept {
    return low().edge >= begin_ && high().edge >= low().edge && end_ >= high().edge;
  }
  [[nodiscard]] bool descend(stack_mark& side) const noexcept;
  [[nodiscard]] bool is_bottom(const stack_mark& side) const noexcept;
  /// Can `given` be the layout of the newest block of `side`? The low side knows its size exactly,
  /// the high side up to the padding behind it.
  [[nodiscard]] static bool fits(const stack_mark& side, layout given) noexcept;
  [[nodiscard]] status diagnose(uintptr_t p) const noexcept;

  uintptr_t begin_ = 0;
  uintptr_t end_ = 0;
  stack_mark sides_[2];
};

template <check_level Level>
class stack : public stack_core {
 public:
  ACRE_API status deallocate(void* block, layout given) noexcept;
  /// True iff `p` is a block that may be given back now: the newest of its side.
  [[nodiscard]] ACRE_API bool is_live(const void* p, layout given) const noexcept {
    const auto address = reinterpret_cast<uintptr_t>(p);
    return p != nullptr && ((address == low().newest && fits(low(), given)) ||
                            (address == high().newest && fits(high(), given)));
  }
};

extern template class stack<check_level::none>;
extern template class stack<check_level::basic>;
extern template class stack<check_level::full>;

}  // namespace engine
}  // namespace acre
