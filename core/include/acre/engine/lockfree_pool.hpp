// SPDX-License-Identifier: MIT
// engine::lockfree_pool: blocks of one size for any number of producers and consumers, without a lock.
//
// Structure: a stack of free blocks (R. K. Treiber, "Systems Programming: Coping with Parallelism", IBM
// RJ 5118, 1986). Its head is one word, the number of the first free block and a tag:
//
//    head_     |  tag  | first |            links_[i]: the free block below i, or what i is
//
// Everyone who pops adds one to the tag. Without it, a pop that has read "2 is below 1" could come back
// after others have popped 1 and 2 and pushed 1 again, find 1 on top, and make 2, which is live, the
// first free block. Half a word of tag makes that wrong only for one that sleeps through a multiple of
// 65,536 pops and wakes to the same block. (I.e. the ABA problem; 32-bit tags where a word has 64 bits.)
//
// Links lie outside the blocks: a pop may read the link of a block that another has just popped, and
// that would be a race with whatever its new owner writes. It also keeps writes after free away from
// the list, and makes a checked free exact: a live block's link says so.
//
// A call is retried only when another one has changed the head in between, so that one of them always
// gets on: lock-free. On one core, that other one was in an interrupt handler.
//
// I1  Following links_ from head_'s number visits distinct blocks and ends with 0. (When nobody calls.)
// I2  At basic and above: links_[i] is `live` iff block i is live; free blocks are on the stack, or in
//     chains that were detached from it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/atomic.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/placement.hpp>
#include <acre/detail/poison.hpp>
#include <acre/engine/pool_geometry.hpp>
#include <acre/fault.hpp>
#include <acre/layout.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI::engine {

/// `Number` is what a block is numbered with: uint16_t for up to 65,533 blocks and a head of 32 bits,
/// uint32_t for more, and a head of 64.
template <size_t Stride, size_t Align, check_level Level, class Number, class Atomics>
class lockfree_pool : public pool_block<Stride, Align> {
  using block_shape = pool_block<Stride, Align>;
  using head_word = detail::conditional_t<sizeof(Number) == 2, uint32_t, uint64_t>;
  using head_cell = typename Atomics::template cell<head_word>;
  using link_cell = typename Atomics::template cell<Number>;
  using order = detail::order;

  static constexpr bool checked = Level != check_level::none;
  static constexpr head_word one_tag = head_word{1} << (8 * sizeof(Number));
  static constexpr Number live = static_cast<Number>(-1);
  static constexpr Number leaving = live - 1;  // being given back, not on the stack yet

 public:
  using block_shape::geometry;

  static constexpr size_t blocks_max = leaving - 1;

  /// Blocks that are linked from `first` to `last` and that one owner has; none: first is 0.
  struct chain {
    Number first = 0;
    Number last = 0;
    size_t count = 0;
  };

  static constexpr size_t bytes_for(size_t blocks, size_t stride = Stride) noexcept {
    return blocks * stride + detail::round_up(blocks * sizeof(link_cell), alignof(void*));
  }

  /// Puts all blocks onto the stack, the lowest address on top. O(blocks).
  status init(region memory) noexcept {
    base_ = 0;
    count_ = 0;
    head_.template store<order::relaxed>(0);
    if (!memory.valid()) {
      return status::invalid_argument;
    }
    const region usable = memory.aligned(geometry.align);
    size_t count = detail::min_of(detail::divide(usable.size, geometry.stride + sizeof(link_cell)),
                                  blocks_max);
    while (count != 0 && bytes_for(count, geometry.stride) > usable.size) {
      --count;  // once at most: for what rounding the links up takes
    }
    if (count == 0) {
      return status::region_too_small;
    }
    // Numbers begin with 1, so both are where number 0 would be.
    base_ = usable.address() - geometry.stride;
    links_ = reinterpret_cast<link_cell*>(usable.address() + count * geometry.stride) - 1;
    for (size_t i = 1; i <= count; ++i) {
      new (detail::placement{links_ + i}) link_cell(static_cast<Number>(i == count ? 0 : i + 1));
    }
    if constexpr (Level == check_level::full) {
      detail::poison(usable.begin, 0, count * geometry.stride);
    }
    count_ = count;
    // Whoever sees a block on the stack sees its link, too.
    head_.template store<order::release>(1);
    return status::ok;
  }

  [[nodiscard]] void* allocate() noexcept {
    return pop([]() noexcept { return true; });
  }
  /// Gives up after `attempts` tries.
  [[nodiscard]] void* allocate(unsigned attempts) noexcept {
    return pop([&attempts]() noexcept { return attempts-- != 0; });
  }

  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return block_shape::fits(wanted) ? allocate() : nullptr;
  }

  status deallocate(void* p) noexcept {
    return retire(p, [this](link_cell& link, size_t number) { push(link, number); });
  }

  status deallocate(void* p, layout given) noexcept {
    if (checked && p != nullptr && !block_shape::fits(given)) [[unlikely]] {
      return detail::raise_misuse(status::wrong_size, p, this, __builtin_return_address(0));
    }
    return deallocate(p);
  }

  /// Writes up to `count` blocks to `blocks`; returns how many, fewer only if there are no more.
  [[nodiscard]] size_t take(void** blocks, size_t count) noexcept {
    link_cell* const links = links_;
    const chain taken = detach(count);
    size_t i = taken.first;
    for (size_t n = 0; n < taken.count; ++n) {
      const size_t next = links[i].template load<order::relaxed>();
      blocks[n] = hand_out(links, i);
      i = next;
    }
    return taken.count;
  }

  /// Gives all blocks back, or, at basic and above, none of them if one is refused.
  status give(void* const* blocks, size_t count) noexcept {
    if constexpr (checked) {
      for (size_t n = 0; n < count; ++n) {
        const size_t i = index_of(blocks[n]);
        if (blocks[n] != nullptr && (i - 1 >= count_ || !claim(links_[i]))) [[unlikely]] {
          unclaim(blocks, n);
          return refuse(blocks[n], __builtin_return_address(0));
        }
      }
    }
    chain all;
    for (size_t n = count; n-- > 0;) {
      if (blocks[n] != nullptr) {
        fill(blocks[n]);
        prepend(all, number_of(blocks[n]));
      }
    }
    attach(all);
    return status::ok;
  }

  /// Pops up to `count` blocks at once. They stay linked, and are not live.
  [[nodiscard]] chain detach(size_t count) noexcept {
    chain taken;
    if (count == 0) {
      return taken;
    }
    link_cell* const links = links_;
    const size_t end = count_;
    static_cast<void>(head_.template update<order::acquire>([&](head_word& head) {
      taken = {};
      size_t next = static_cast<Number>(head);
      taken.first = static_cast<Number>(next);
      // While others change the stack, a link may lead anywhere, even to a marker. The tag then throws
      // the result away, and until then every number that is followed is one of a block.
      while (next - 1 < end && taken.count < count) {
        taken.last = static_cast<Number>(next);
        ++taken.count;
        next = links[next].template load<order::relaxed>();
      }
      if (taken.count == 0) {
        return false;
      }
      detail::set_low_half(head += one_tag, static_cast<head_word>(next));
      return true;
    }));
    return taken;
  }

  /// The first half of a free: takes a live block away from its owner, and calls then(link, number), which
  /// puts it somewhere. A refusal and null call nothing.
  template <class Then>
  [[gnu::always_inline]] inline status retire(void* p, Then&& then) noexcept {
    link_cell* const links = links_;
    size_t i = 0;
    if constexpr (checked) {
      i = index_of(p);  // no block's if p is null
      if (i - 1 >= count_ || !claim(links[i])) [[unlikely]] {
        return refuse(p, __builtin_return_address(0));
      }
    } else {
      if (p == nullptr) {
        return status::ok;
      }
      i = number_of(p);
    }
    fill(p);
    then(links[i], i);
    return status::ok;
  }

  void prepend(chain& blocks, size_t number) noexcept {
    links_[number].template store<order::relaxed>(blocks.first);
    blocks.first = static_cast<Number>(number);
    if (blocks.count++ == 0) {
      blocks.last = blocks.first;
    }
  }

  /// Of a chain that has a block.
  [[nodiscard]] size_t remove_first(chain& blocks) const noexcept {
    const size_t first = blocks.first;
    blocks.first = links_[first].template load<order::relaxed>();
    --blocks.count;
    return first;
  }

  /// What was removed from a chain becomes its new owner's.
  [[nodiscard]] void* hand_out(size_t number) noexcept {
    return hand_out(links_, number);
  }

  /// Pushes blocks that are not live, in one step, the first on top.
  void attach(const chain& blocks) noexcept {
    if (blocks.count != 0) {
      push(links_[blocks.last], blocks.first);
    }
  }

  static constexpr bool bounds_are_fixed = true;

  [[nodiscard]] bool owns(const void* p) const noexcept {
    return offset_of(p) - geometry.stride < count_ * geometry.stride;
  }
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept requires checked {
    const size_t i = index_of(p);
    return i - 1 < count_ && links_[i].template load<order::relaxed>() == live &&
           block_shape::fits(given);
  }
  [[nodiscard]] size_t largest_free() const noexcept {
    return static_cast<Number>(head_.template load<order::relaxed>()) != 0 ? geometry.stride : 0;
  }

  /// `detached`: how many blocks are in chains.
  [[nodiscard]] acre::usage usage(size_t detached = 0) const noexcept {
    size_t free = detached;
    Number i = static_cast<Number>(head_.template load<order::acquire>());
    while (i - size_t{1} < count_ && free < count_) {
      ++free;
      i = links_[i].template load<order::relaxed>();
    }
    return {.bytes_in_use = (count_ - free) * geometry.stride,
            .blocks_in_use = count_ - free,
            .bytes_free = free * geometry.stride,
            .bytes_overhead = count_ * sizeof(link_cell)};
  }

  [[nodiscard]] status validate(size_t detached = 0) const noexcept {
    if (count_ == 0) {
      return status::not_initialised;
    }
    size_t not_live = 0;
    for (size_t i = 1; i <= count_; ++i) {
      const Number link = links_[i].template load<order::relaxed>();
      if (link > count_ && !(checked && link == live)) {
        return status::corrupted;
      }
      if (link != live) {
        ++not_live;
        if (Level == check_level::full && !detail::is_poisoned(block_at(i), 0, geometry.stride)) {
          return status::corrupted;
        }
      }
    }
    size_t free = 0;
    for (size_t i = static_cast<Number>(head_.template load<order::acquire>()); i != 0; ++free) {
      if (i > count_ || free == count_) {
        return status::corrupted;  // I1
      }
      i = links_[i].template load<order::relaxed>();
    }
    return !checked || free + detached == not_live ? status::ok : status::corrupted;  // I2
  }

 private:
  [[nodiscard]] size_t offset_of(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(p) - base_;
  }
  /// More than any block's number where no block begins.
  [[nodiscard]] size_t index_of(const void* p) const noexcept {
    return geometry.divisor.index(offset_of(p));
  }
  /// Of an address where a block begins.
  [[nodiscard]] size_t number_of(const void* p) const noexcept {
    return geometry.divisor.quotient(offset_of(p));
  }
  [[nodiscard]] void* block_at(size_t number) const noexcept {
    return reinterpret_cast<void*>(base_ + number * geometry.stride);
  }

  template <class Allowed>
  [[nodiscard, gnu::always_inline]] inline void* pop(Allowed allowed) noexcept {
    size_t first = 0;
    link_cell* const links = links_;
    // acquire: pairs with the release of the push, so that this owner sees what the last one wrote, and
    // what it writes cannot be moved up in front of the pop. The link that is read is relaxed: if it is
    // out of date the tag has changed, and the result is thrown away.
    const bool found = head_.template update<order::acquire>([&](head_word& head) {
      first = static_cast<Number>(head);
      if (first == 0 || !allowed()) {
        return false;
      }
      const head_word second = links[first].template load<order::relaxed>();
      detail::set_low_half(head += one_tag, second);
      return true;
    });
    return found ? hand_out(links, first) : nullptr;
  }

  /// A block that was popped becomes its new owner's.
  [[nodiscard, gnu::always_inline]] inline void* hand_out(link_cell* links,
                                                          size_t number) const noexcept {
    void* const block = block_at(number);
    if constexpr (checked) {
      links[number].template store<order::relaxed>(live);
    }
    if constexpr (Level == check_level::full) {
      if (!detail::is_poisoned(block, 0, geometry.stride)) {
        detail::raise_corruption(block, this);
      }
    }
    return block;
  }

  /// Makes a live block one that is being given back. Of several who give back the same one, one finds
  /// it live.
  [[nodiscard, gnu::always_inline]] static inline bool claim(link_cell& link) noexcept {
    return link.template update<order::relaxed>([](Number& word) {
      const bool is_live = word == live;
      word = leaving;
      return is_live;
    });
  }

  void unclaim(void* const* blocks, size_t count) noexcept {
    for (size_t n = 0; n < count; ++n) {
      if (blocks[n] != nullptr) {
        links_[number_of(blocks[n])].template store<order::relaxed>(live);
      }
    }
  }

  void fill([[maybe_unused]] void* block) const noexcept {
    if constexpr (Level == check_level::full) {
      detail::poison(block, 0, geometry.stride);
    }
  }

  [[gnu::always_inline]] inline void push(link_cell& last, size_t first) noexcept {
    // release: what the owners wrote, and the links, are seen by whoever pops. No tag: a head that has
    // changed and changed back is as good as one that has not, for the link is to that head.
    static_cast<void>(head_.template update<order::release>([&](head_word& head) {
      last.template store<order::relaxed>(static_cast<Number>(head));
      detail::set_low_half(head, static_cast<head_word>(first));
      return true;
    }));
  }

  [[nodiscard, gnu::noinline, gnu::cold]] status refuse(void* p,
                                                        const void* call_site) const noexcept {
    if (p == nullptr) {
      return status::ok;
    }
    status code = status::double_free;
    if (!owns(p)) {
      code = status::foreign_pointer;
    } else if ((reinterpret_cast<uintptr_t>(p) & (geometry.align - 1)) != 0) {
      code = status::misaligned_pointer;
    } else if (index_of(p) > count_) {
      code = status::interior_pointer;
    }
    return detail::raise_misuse(code, p, this, call_site);
  }

  head_cell head_;
  link_cell* links_ = nullptr;
  uintptr_t base_ = 0;
  size_t count_ = 0;
};

}  // namespace acre::engine
