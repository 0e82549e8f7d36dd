// SPDX-License-Identifier: MIT
// engine::stack: LIFO allocation from both ends of one region.
//
// Structure: each block has a header of two words on its inner side, between it and the free memory. It
// says how large the block is, and where the side's free edge was before it; so taking a block back restores
// the padding for its alignment, too. The header of the newest block lies at the edge: "is this the newest
// block, and of this size?" needs no pointer to it and is exact at every check level that asks.
//
//   begin_ | block header | pad block header | ... free ... | header block pad | header block | end_
//                                       low edge ^          ^ high edge
//
// I1  begin_ <= low edge <= high edge <= end_, all multiples of the default alignment.
// I2  Each side's headers lead, edge by edge, to that side's end of the region, in as many steps as the side
//     has blocks; between a block and the edge before it is less than its address is aligned to.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/hot.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/poison.hpp>
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
    size_t size;     // of the block, as it was asked for; at least 1
    uintptr_t edge;  // the side's free edge before this block
  };
  static constexpr size_t header_bytes = sizeof(header);

  static constexpr size_t block_bytes(layout l) noexcept {
    return l.size;
  }

  status init(region memory) noexcept;
  /// From the low side.
  [[nodiscard]] ACRE_HOT void* allocate(layout wanted) noexcept {
    const uintptr_t edge = edges_[0];
    const size_t room = edges_[1] - edge;
    const size_t size = at_least_one(wanted.size);
    const size_t padding =
        wanted.align > default_alignment ? (0 - edge) & (wanted.align - 1) : size_t{0};
    const uintptr_t block = edge + padding;
    const uintptr_t at = block + bytes_for(size);
    if (!wanted.valid() || padding > room || room - padding < at - block + header_bytes)
        [[unlikely]] {
      return nullptr;
    }
    header_at(at) = {size, edge};
    edges_[0] = at + header_bytes;
    ++blocks_[0];
    return reinterpret_cast<void*>(block);
  }
  [[nodiscard]] void* allocate(layout wanted, stack_side side) noexcept {
    return side == stack_side::low ? allocate(wanted) : allocate_high(wanted);
  }
  [[nodiscard]] stack_mark mark(stack_side side) const noexcept {
    return {edges_[index(side)], blocks_[index(side)], side};
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
  /// Blocks and the padding between them; their headers are overhead.
  [[nodiscard]] size_t bytes_in_use() const noexcept {
    return (edges_[0] - begin_) + (end_ - edges_[1]) - blocks_in_use() * header_bytes;
  }
  [[nodiscard]] size_t blocks_in_use() const noexcept {
    return blocks_[0] + blocks_[1];
  }
  [[nodiscard]] acre::usage usage() const noexcept;
  [[nodiscard]] size_t largest_free() const noexcept;
  [[nodiscard]] status validate() const noexcept;
  [[nodiscard]] status validate_step(stack_cursor& cursor, size_t steps) const noexcept;

 protected:
  static constexpr size_t index(stack_side side) noexcept {
    return side == stack_side::low ? 0 : 1;
  }
  static header& header_at(uintptr_t address) noexcept {
    return *reinterpret_cast<header*>(address);
  }
  static constexpr size_t at_least_one(size_t size) noexcept {
    return size + (size == 0 ? 1U : 0U);
  }
  /// What a block takes beside its header.
  static constexpr size_t bytes_for(size_t size) noexcept {
    return detail::round_up(size, default_alignment);
  }
  /// Is `p` the newest block of the low side, and of this size? That the side has a block is seen by its edge,
  /// and not by the count, which the call before has written: to read that would be to wait for it.
  [[nodiscard]] ACRE_HOT bool is_newest_low(uintptr_t p, size_t size) const noexcept {
    const uintptr_t at = p + bytes_for(size);
    return at + header_bytes == edges_[0] && edges_[0] != begin_ && header_at(at).size == size;
  }
  /// The same of the high side.
  [[nodiscard]] bool is_newest_high(uintptr_t p, size_t size) const noexcept {
    return p - header_bytes == edges_[1] && edges_[1] != end_ && header_at(edges_[1]).size == size;
  }
  /// The newest block of the low side. Its header is found by it, and not by the edge: sooner, where a call
  /// waits for what the one before has written.
  ACRE_HOT void pop_low(uintptr_t block, size_t size) noexcept {
    edges_[0] = header_at(block + bytes_for(size)).edge;
    --blocks_[0];
  }
  void pop_high() noexcept {
    edges_[1] = header_at(edges_[1]).edge;
    --blocks_[1];
  }
  [[nodiscard]] void* allocate_high(layout wanted) noexcept;
  /// Why `p` is not a block that may be given back with the size that was claimed.
  [[nodiscard]] status diagnose(uintptr_t p) const noexcept;

 private:
  /// I1
  [[nodiscard]] bool edges_in_order() const noexcept {
    return edges_[0] >= begin_ && edges_[1] >= edges_[0] && end_ >= edges_[1];
  }
  [[nodiscard]] static uintptr_t block_of(const header& h, bool is_low) noexcept;
  [[nodiscard]] bool descend(stack_mark& side) const noexcept;
  [[nodiscard]] bool is_bottom(const stack_mark& side) const noexcept;

 protected:
  // Low and high. A side's words are not neighbours: compilers would write them by one wide access, and the next
  // call would wait for what it reads of that.
  uintptr_t edges_[2] = {};
  size_t blocks_[2] = {};

 private:
  uintptr_t begin_ = 0;
  uintptr_t end_ = 0;
};

template <check_level Level>
class stack : public stack_core {
 public:
  ACRE_HOT status deallocate(void* block, layout given) noexcept {
    auto p = reinterpret_cast<uintptr_t>(block);
    // gcc warns where it knows that there can be no header at an address, and does not see that none is read.
    detail::forget_origin(p);
    const size_t size = at_least_one(given.size);
    const bool low = Level == check_level::none ? p - 1 < edges_[0] - 1
                                                : given.valid() && is_newest_low(p, size);
    if (!low) [[unlikely]] {
      return deallocate_high(block, given.size, given.align);
    }
    if constexpr (Level == check_level::full) {
      detail::poison(block, 0, size);
    }
    pop_low(p, size);
    return status::ok;
  }
  /// True iff `p` is a block that may be given back now: the newest of its side.
  [[nodiscard]] ACRE_API bool is_live(const void* p, layout given) const noexcept {
    const auto address = reinterpret_cast<uintptr_t>(p);
    const size_t size = at_least_one(given.size);
    return given.valid() && (is_newest_low(address, size) || is_newest_high(address, size));
  }

 private:
  /// A block of the high side, null, or misuse.
  ACRE_API status deallocate_high(void* block, size_t size, size_t align) noexcept;
};

extern template class stack<check_level::none>;
extern template class stack<check_level::basic>;
extern template class stack<check_level::full>;

}  // namespace engine
}  // namespace acre
