// SPDX-License-Identifier: MIT
// toy_heap: a heap that is as simple as can be, with bugs to choose from, to test the explorer with.
// First fit over blocks that lie side by side, each behind a header of 8 bytes; all else walks them.
// Its validate() finds nothing: what is planted must be found from outside.
#pragma once

#include "conformance/cases.hpp"

#include <acre/fault.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test::exhaustive {

enum class bug : uint8_t {
  none,
  misses_the_left_neighbour,      // when it merges what is given back
  forgets_to_mark_an_exact_fit,   // as live, so that it is handed out again
  takes_interior_pointers,        // for the block that they point into
  failed_resize_changes_a_byte,   // of the header behind
  failed_resize_loses_the_right,  // neighbour: it was taken out before it turned out too small
  reallocate_copies_too_little,
  small_blocks_only_from_the_end,  // a request is refused although there is room
  last_of_four_frees_is_lost,      // a block is leaked at the fourth good free in a row
};

template <bug Bug>
class toy_heap {
 public:
  using policies_type = watched<check_level::basic>;
  static constexpr size_t header = 8;

  status init(region memory) noexcept {
    begin_ = detail::round_up(memory.address(), header);
    end_ = detail::round_down(memory.address() + memory.size, header);
    set(begin_, end_ - begin_, false);
    return status::ok;
  }

  void* allocate(layout wanted) noexcept {
    const size_t size = block_bytes(wanted);
    if (wanted.align > header || wanted.size > end_ - begin_) {
      return nullptr;
    }
    for (uintptr_t at = begin_; at < end_; at += size_of(at)) {
      const size_t room = size_of(at);
      if (is_live(at) || room < size ||
          (Bug == bug::small_blocks_only_from_the_end && size == 2 * header && room > 4 * header &&
           at != begin_)) {
        continue;
      }
      if (room != size) {
        set(at + size, room - size, false);
      }
      set(at, size, room != size || Bug != bug::forgets_to_mark_an_exact_fit);
      count(size - header, 1);
      frees_ = 0;
      return reinterpret_cast<void*>(at + header);
    }
    return nullptr;
  }

  status deallocate(void* p, layout given) noexcept {
    const uintptr_t at = find(reinterpret_cast<uintptr_t>(p));
    if (at == 0 || size_of(at) != block_bytes(given) || given.align > header) {
      return detail::raise_misuse(status::foreign_pointer, p, this, __builtin_return_address(0));
    }
    count(0 - (size_of(at) - header), 0 - size_t{1});
    if (Bug == bug::last_of_four_frees_is_lost && ++frees_ == 4) {
      return status::ok;
    }
    release(at);
    return status::ok;
  }

  bool try_resize(void* p, size_t size) noexcept {
    const uintptr_t at = reinterpret_cast<uintptr_t>(p) - header;
    const size_t wanted = block_bytes({size, 1});
    const size_t before = size_of(at);
    const uintptr_t behind = at + before;
    const bool right_is_free = behind != end_ && !is_live(behind);
    const size_t room = before + (right_is_free ? size_of(behind) : 0);
    if (size > end_ - begin_ || room < wanted) {
      if (Bug == bug::failed_resize_changes_a_byte && behind != end_) {
        reinterpret_cast<unsigned char*>(behind)[header - 1] = 1;
      }
      if (Bug == bug::failed_resize_loses_the_right && right_is_free) {
        set(behind, size_of(behind), true);
      }
      return false;
    }
    if (room != wanted && (right_is_free || before != wanted)) {
      set(at + wanted, room - wanted, false);
    }
    set(at, wanted, true);
    count(wanted - before, 0);
    merge_right(at + wanted);
    return true;
  }

  void* reallocate(void* p, size_t size, size_t align) noexcept {
    if (align <= header && try_resize(p, size)) {
      return p;
    }
    const uintptr_t at = reinterpret_cast<uintptr_t>(p) - header;
    void* to = allocate({size, align});
    if (to != nullptr) {
      const size_t held = detail::min_of(size_of(at) - header, size);
      const size_t copied = held - (Bug == bug::reallocate_copies_too_little ? header : 0);
      __builtin_memcpy(to, p, copied);
      count(0 - (size_of(at) - header), 0 - size_t{1});
      release(at);
    }
    return to;
  }

  bool owns(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(p) - begin_ < end_ - begin_;
  }
  acre::usage usage() const noexcept {
    return {.bytes_in_use = bytes_, .blocks_in_use = blocks_};
  }
  size_t largest_free() const noexcept {
    size_t largest = header;
    for (uintptr_t at = begin_; at < end_; at += size_of(at)) {
      largest = is_live(at) ? largest : detail::max_of(largest, size_of(at));
    }
    return largest - header;
  }
  status validate() const noexcept {
    return status::ok;
  }
  const usage_counters& observer() const noexcept {
    return observer_;
  }

  static constexpr size_t block_bytes(layout l) noexcept {
    return header + detail::round_up(at_least_one(l.size), header);
  }

 private:
  static uint32_t& word(uintptr_t at) noexcept {
    return *reinterpret_cast<uint32_t*>(at);
  }
  static size_t size_of(uintptr_t at) noexcept {
    return word(at) & ~uint32_t{1};
  }
  static bool is_live(uintptr_t at) noexcept {
    return (word(at) & 1U) != 0;
  }
  static void set(uintptr_t at, size_t size, bool live) noexcept {
    word(at) = static_cast<uint32_t>(size) | (live ? 1U : 0U);
    word(at + 4) = 0;
  }
  void count(size_t bytes, size_t blocks) noexcept {
    bytes_ += bytes;
    blocks_ += blocks;
    observer_.on_usage(bytes_, blocks_);
  }
  /// The live block that is meant by `p`; 0 if there is none.
  uintptr_t find(uintptr_t p) const noexcept {
    for (uintptr_t at = begin_; at < end_; at += size_of(at)) {
      if (p == at + header || (Bug == bug::takes_interior_pointers && p > at + header &&
                               p < at + size_of(at) && p % header == 0)) {
        return is_live(at) ? at : 0;
      }
    }
    return 0;
  }
  void merge_right(uintptr_t at) noexcept {
    if (at < end_ && !is_live(at) && at + size_of(at) < end_ && !is_live(at + size_of(at))) {
      set(at, size_of(at) + size_of(at + size_of(at)), false);
    }
  }
  void release(uintptr_t block) noexcept {
    set(block, size_of(block), false);
    merge_right(block);
    for (uintptr_t at = begin_; Bug != bug::misses_the_left_neighbour && at < block;
         at += size_of(at)) {
      if (at + size_of(at) == block) {
        merge_right(at);
      }
    }
  }

  uintptr_t begin_ = 0;
  uintptr_t end_ = 0;
  size_t bytes_ = 0;
  size_t blocks_ = 0;
  unsigned frees_ = 0;  // in a row
  usage_counters observer_;
};

}  // namespace acre::test::exhaustive
