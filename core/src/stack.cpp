// SPDX-License-Identifier: MIT
#include <acre/engine/stack.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::engine {

status stack_core::init(region memory) noexcept {
  begin_ = end_ = 0;
  const region usable = memory.valid() ? memory.aligned(default_alignment) : region{};
  const bool fits = usable.size >= default_alignment + header_bytes;
  if (fits) {
    begin_ = usable.address();
    end_ = detail::round_down(begin_ + usable.size, default_alignment);
  }
  reset(check_level::none);
  return !memory.valid() ? status::invalid_argument : fits ? status::ok : status::region_too_small;
}

void* stack_core::allocate_high(layout wanted) noexcept {
  const uintptr_t edge = edges_[1];
  const size_t room = edge - edges_[0];
  const size_t size = at_least_one(wanted.size);
  const size_t need = bytes_for(size) + header_bytes;
  uintptr_t block = edge - bytes_for(size);
  const size_t padding = wanted.align > default_alignment ? block & (wanted.align - 1) : size_t{0};
  if (!wanted.valid() || need > room || padding > room - need) {
    return nullptr;
  }
  block -= padding;
  edges_[1] = block - header_bytes;
  header_at(edges_[1]) = {size, edge};
  ++blocks_[1];
  return reinterpret_cast<void*>(block);
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
      if (!descend(now)) {
        return false;
      }
    }
  }
  return now.blocks != m.blocks || now.edge == m.edge;
}

void stack_core::rewind(const stack_mark& m, check_level level) noexcept {
  const size_t side = index(m.side);
  if (level == check_level::full) {
    const uintptr_t from = m.side == stack_side::low ? m.edge : edges_[side];
    const uintptr_t to = m.side == stack_side::low ? edges_[side] : m.edge;
    detail::poison(reinterpret_cast<void*>(from), 0, to - from);
  }
  edges_[side] = m.edge;
  blocks_[side] = m.blocks;
}

void stack_core::reset(check_level level) noexcept {
  rewind({begin_, 0, stack_side::low}, begin_ == 0 ? check_level::none : level);
  rewind({end_, 0, stack_side::high}, begin_ == 0 ? check_level::none : level);
}

acre::usage stack_core::usage() const noexcept {
  return {.bytes_in_use = bytes_in_use(),
          .blocks_in_use = blocks_in_use(),
          .bytes_free = edges_[1] - edges_[0],
          .bytes_overhead = blocks_in_use() * header_bytes};
}

size_t stack_core::largest_free() const noexcept {
  const size_t room = edges_[1] - edges_[0];
  return room > header_bytes ? room - header_bytes : 0;
}

status stack_core::validate() const noexcept {
  if (begin_ == 0) {
    return status::not_initialised;
  }
  if (!edges_in_order()) {  // I1
    return status::corrupted;
  }
  const stack_mark sides[] = {mark(stack_side::low), mark(stack_side::high)};
  for (stack_mark side : sides) {  // I2
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

/// The block whose header is `h`.
uintptr_t stack_core::block_of(const header& h, bool is_low) noexcept {
  const auto at = reinterpret_cast<uintptr_t>(&h);
  return is_low ? at - bytes_for(h.size) : at + header_bytes;
}

/// Takes `side` back by one block; false, and nothing changed, if its header can't be that block's.
bool stack_core::descend(stack_mark& side) const noexcept {
  const bool is_low = side.side == stack_side::low;
  const uintptr_t first = is_low ? begin_ : side.edge;
  const uintptr_t last = is_low ? side.edge : end_;
  if (first < begin_ || last > end_ || first > last || last - first < header_bytes ||
      (side.edge & (default_alignment - 1)) != 0) {
    return false;
  }
  const header& h = header_at(is_low ? last - header_bytes : first);
  if (h.size - 1 >= last - first - header_bytes) {
    return false;
  }
  const uintptr_t block = block_of(h, is_low);
  const uintptr_t behind = block + bytes_for(h.size);
  const bool outward =
      is_low ? h.edge >= begin_ && h.edge <= block : h.edge <= end_ && h.edge >= behind;
  const size_t padding = is_low ? block - h.edge : h.edge - behind;
  if (!outward || padding >= detail::lowest_bit(block)) {
    return false;
  }
  side.edge = h.edge;
  --side.blocks;
  return true;
}

/// Is a side without blocks as it was at first?
bool stack_core::is_bottom(const stack_mark& side) const noexcept {
  return side.edge == (side.side == stack_side::low ? begin_ : end_);
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
      side = mark(stack_side::low);
      cursor.begun = true;
    } else if (const stack_mark now = mark(side.side); side.blocks > now.blocks) {
      side = now;
    }
    if (side.blocks != 0 ? descend(side) : is_bottom(side)) {
      if (side.blocks == 0 && is_bottom(side)) {
        cursor.over = side.side == stack_side::high;
        side = mark(stack_side::high);
      }
      continue;
    }
    const status found = validate();
    cursor.over = found == status::ok;
    return found;
  }
  return status::ok;
}

status stack_core::diagnose(uintptr_t p) const noexcept {
  if (p - begin_ >= end_ - begin_) {
    return status::foreign_pointer;
  }
  if (p >= edges_[0] && p < edges_[1]) {
    return status::double_free;
  }
  const bool is_low = p < edges_[0];
  uintptr_t edge = edges_[is_low ? 0 : 1];
  status found = status::wrong_size;  // of the newest
  for (size_t left = blocks_[is_low ? 0 : 1]; left != 0; --left) {
    const header& h = header_at(is_low ? edge - header_bytes : edge);
    if (p == block_of(h, is_low)) {
      return found;
    }
    found = status::out_of_order;
    edge = h.edge;
  }
  return status::interior_pointer;
}

template <check_level Level>
status stack<Level>::deallocate_high(void* block, size_t size, size_t align) noexcept {
  if (block == nullptr) {
    return status::ok;
  }
  const auto p = reinterpret_cast<uintptr_t>(block);
  if constexpr (Level != check_level::none) {
    if (!layout{size, align}.valid() || !is_newest_high(p, at_least_one(size))) [[unlikely]] {
      return detail::raise_misuse(diagnose(p), block, this, __builtin_return_address(0));
    }
  }
  if constexpr (Level == check_level::full) {
    detail::poison(block, 0, at_least_one(size));
  }
  pop_high();
  return status::ok;
}

template class stack<check_level::none>;
template class stack<check_level::basic>;
template class stack<check_level::full>;

}  // namespace acre::engine
