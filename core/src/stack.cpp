// SPDX-License-Identifier: MIT
#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/poison.hpp>
#include <acre/engine/stack.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::engine {

namespace {

stack_core::header& header_of(uintptr_t block) noexcept {
  return *reinterpret_cast<stack_core::header*>(block - stack_core::header_bytes);
}

}  // namespace

status stack_core::init(region memory) noexcept {
  begin_ = end_ = 0;
  if (!memory.valid()) {
    reset(check_level::none);
    return status::invalid_argument;
  }
  const region usable = memory.aligned(alignof(header));
  if (usable.size <= header_bytes) {
    reset(check_level::none);
    return status::region_too_small;
  }
  begin_ = usable.address();
  end_ = begin_ + usable.size;
  reset(check_level::none);
  return status::ok;
}

void* stack_core::allocate(layout wanted, stack_side side) noexcept {
  const uintptr_t lowest = low().edge;
  const size_t room = high().edge - lowest;
  const size_t size = wanted.size + (wanted.size == 0 ? 1U : 0U);
  if (!wanted.valid() || room < header_bytes || size > room - header_bytes) {
    return nullptr;
  }
  const size_t align = detail::max_of(wanted.align, alignof(header));
  uintptr_t block = 0;
  if (side == stack_side::low) {
    block = lowest + header_bytes;
    const size_t padding = (0 - block) & (align - 1);
    if (padding > room - header_bytes - size) {
      return nullptr;
    }
    block += padding;
  } else {
    block = detail::round_down(high().edge - size, align);
    // Below the room's start, or wrapped: the padding did not fit.
    if (high().edge - block > room || block - lowest < header_bytes) {
      return nullptr;
    }
  }
  stack_mark& state = sides_[index(side)];
  header_of(block) = {state.edge, state.newest};
  state.edge = side == stack_side::low ? block + size : block - header_bytes;
  state.newest = block;
  ++state.blocks;
  return reinterpret_cast<void*>(block);
}

void stack_core::pop(stack_mark& side) noexcept {
  const header before = header_of(side.newest);
  side.edge = before.edge;
  side.newest = before.newest;
  --side.blocks;
}

bool stack_core::fits(const stack_mark& side, layout given) noexcept {
  const size_t size = given.size + (given.size == 0 ? 1U : 0U);
  return given.valid() &&
         (side.side == stack_side::low ? side.newest + size == side.edge
                                       : size <= header_of(side.newest).edge - side.newest);
}

bool stack_core::reachable(const stack_mark& m, check_level level) const noexcept {
  stack_mark now = mark(m.side);
  const bool ordered = m.side == stack_side::low ? m.edge >= begin_ && m.edge <= now.edge
                                                 : m.edge <= end_ && m.edge >= now.edge;
  if (!ordered || m.blocks > now.blocks || begin_ == 0) {
    return false;
  }
  if (level == check_level::full) {
    while (now.blocks > m.blocks) {
      const header before = header_of(now.newest);
      now.edge = before.edge;
      now.newest = before.newest;
      --now.blocks;
    }
  }
  return now.blocks != m.blocks || (now.edge == m.edge && now.newest == m.newest);
}

void stack_core::rewind(const stack_mark& m, check_level level) noexcept {
  stack_mark& state = sides_[index(m.side)];
  if (level == check_level::full) {
    const uintptr_t from = m.side == stack_side::low ? m.edge : state.edge;
    const size_t size = m.side == stack_side::low ? state.edge - m.edge : m.edge - state.edge;
    detail::poison(reinterpret_cast<void*>(from), 0, size);
  }
  state = m;
}

void stack_core::reset(check_level level) noexcept {
  rewind({begin_, 0, 0, stack_side::low}, begin_ == 0 ? check_level::none : level);
  rewind({end_, 0, 0, stack_side::high}, begin_ == 0 ? check_level::none : level);
}

acre::usage stack_core::usage() const noexcept {
  return {.bytes_in_use = bytes_in_use(),
          .blocks_in_use = blocks_in_use(),
          .bytes_free = high().edge - low().edge,
          .bytes_overhead = blocks_in_use() * header_bytes};
}

size_t stack_core::largest_free() const noexcept {
  const size_t room = high().edge - low().edge;
  const size_t padding = (0 - (low().edge + header_bytes)) & (default_alignment - 1);
  return room > header_bytes + padding ? room - header_bytes - padding : 0;
}

status stack_core::validate() const noexcept {
  if (begin_ == 0) {
    return status::not_initialised;
  }
  if (!edges_in_order()) {  // I1
    return status::corrupted;
  }
  for (stack_mark side : sides_) {  // I2
    while (side.blocks != 0) {
      if (!descend(side)) {
        return status::corrupted;
      }
    }
    if (!is_bottom(side)) {
      return status::corrupted;
    }
  }
  return status::ok;
}

/// Takes `side` back by one block; false, and nothing changed, if its header can't be that block's.
bool stack_core::descend(stack_mark& side) const noexcept {
  const bool is_low = side.side == stack_side::low;
  const uintptr_t first = is_low ? begin_ : side.edge;
  const uintptr_t last = is_low ? side.edge : end_;
  if (first < begin_ || last > end_ || side.newest < first + header_bytes || side.newest >= last ||
      (side.newest & (alignof(header) - 1)) != 0) {
    return false;
  }
  const header before = header_of(side.newest);
  const bool outward = is_low ? before.edge <= side.newest - header_bytes
                              : before.edge > side.newest && before.edge <= end_;
  if (!outward) {
    return false;
  }
  side.edge = before.edge;
  side.newest = before.newest;
  --side.blocks;
  return true;
}

/// Is a side without blocks as it was at first?
bool stack_core::is_bottom(const stack_mark& side) const noexcept {
  return side.newest == 0 && side.edge == (side.side == stack_side::low ? begin_ : end_);
}

/// Blocks that were given back below the cursor, and others in their place, can look like damage; only
/// a walk from the newest block can tell. So a step that sees damage makes sure.
status stack_core::validate_step(stack_cursor& cursor, size_t steps) const noexcept {
  if (begin_ == 0) {
    return status::not_initialised;
  }
  if (!edges_in_order()) {
    return status::corrupted;
  }
  for (; steps != 0 && !cursor.over; --steps) {
    stack_mark& side = cursor.next;
    if (!cursor.begun) {
      side = low();
      cursor.begun = true;
    } else if (const stack_mark now = mark(side.side); side.blocks > now.blocks) {
      side = now;
    }
    if (side.blocks != 0 ? descend(side) : is_bottom(side)) {
      if (side.blocks == 0 && is_bottom(side)) {
        cursor.over = side.side == stack_side::high;
        side = high();
      }
      continue;
    }
    const status found = validate();
    cursor.over = found == status::ok;
    return found;
  }
  return status::ok;
}

/// Says what is wrong with freeing `p`, which is the newest block of neither side.
status stack_core::diagnose(uintptr_t p) const noexcept {
  if (p - begin_ >= end_ - begin_) {
    return status::foreign_pointer;
  }
  if (p >= low().edge && p < high().edge) {
    return status::double_free;
  }
  stack_mark side = p < low().edge ? low() : high();
  for (; side.blocks != 0; --side.blocks) {
    if (side.newest == p) {
      return status::out_of_order;
    }
    side.newest = header_of(side.newest).newest;
  }
  return status::interior_pointer;
}

template <check_level Level>
status stack<Level>::deallocate(void* block, layout given) noexcept {
  if (block == nullptr) {
    return status::ok;
  }
  const auto address = reinterpret_cast<uintptr_t>(block);
  stack_mark& side = sides_[address == low().newest ? 0 : 1];
  if constexpr (Level != check_level::none) {
    if (address != side.newest) [[unlikely]] {
      return detail::raise_misuse(diagnose(address), block, this, __builtin_return_address(0));
    }
    if (!fits(side, given)) [[unlikely]] {
      return detail::raise_misuse(status::wrong_size, block, this, __builtin_return_address(0));
    }
  }
  if constexpr (Level == check_level::full) {
    detail::poison(block, 0, given.size);
  }
  pop(side);
  return status::ok;
}

template class stack<check_level::none>;
template class stack<check_level::basic>;
template class stack<check_level::full>;

}  // namespace acre::engine
