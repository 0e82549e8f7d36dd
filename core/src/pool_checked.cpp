// SPDX-License-Identifier: MIT
#include <acre/engine/pool_checked.hpp>

namespace acre::inline ACRE_ABI::engine {

template <class Map>
status pool_checked_core<Map>::init(void* begin, size_t size,
                                    const pool_geometry& geometry) noexcept {
  const region memory{begin, size};
  free_ = nullptr;
  next_ = end_ = 0;
  base_ = nullptr;
  if (!memory.valid()) {
    return status::invalid_argument;
  }
  const region usable = memory.aligned(geometry.align);
  const size_t blocks = Map::capacity(usable.size, geometry.stride);
  if (blocks == 0) {
    return status::region_too_small;
  }
  base_ = static_cast<unsigned char*>(usable.begin) + blocks * geometry.stride;
  next_ = 1;
  end_ = blocks + 1;
  Map::begin(base_);
  return status::ok;
}

template <class Map>
acre::usage pool_checked_core<Map>::usage(const pool_geometry& geometry) const noexcept {
  size_t live = 0;
  for (size_t q = 1; q < next_; ++q) {
    live += Map::is_free(base_, q) ? 0U : 1U;
  }
  return {.bytes_in_use = live * geometry.stride,
          .blocks_in_use = live,
          .bytes_free = (blocks() - live) * geometry.stride,
          .bytes_overhead = base_ == nullptr ? 0 : Map::bytes_for(blocks())};
}

template <class Map>
status pool_checked_core<Map>::validate_bounds() const noexcept {
  if (base_ == nullptr) {
    return status::not_initialised;
  }
  const bool sound = next_ != 0 && next_ <= end_ && Map::is_free(base_, 0);  // I1
  return sound ? status::ok : status::corrupted;
}

template <class Map>
bool pool_checked_core<Map>::is_free_block(const void* p,
                                           const pool_geometry& geometry) const noexcept {
  const size_t q =
      geometry.divisor.index(reinterpret_cast<uintptr_t>(base_) - reinterpret_cast<uintptr_t>(p));
  return q - 1 < next_ - 1 && Map::is_free(base_, q);
}

template <class Map>
status pool_checked_core<Map>::validate(const pool_geometry& geometry,
                                        check_level level) const noexcept {
  if (const status found = validate_bounds(); found != status::ok) {
    return found;
  }
  size_t flagged = 0;
  for (size_t q = 1; q < next_; ++q) {
    flagged += Map::is_free(base_, q) ? 1U : 0U;
  }
  for (const detail::link* block = free_; block != nullptr; block = block->next) {
    if (!is_free_block(block, geometry) || flagged == 0) {  // I2
      return status::corrupted;
    }
    if (level == check_level::full &&
        !detail::is_poisoned(block, sizeof(*block), geometry.stride)) {  // I3
      return status::corrupted;
    }
    --flagged;
  }
  return flagged == 0 ? status::ok : status::corrupted;
}

template <class Map>
status pool_checked_core<Map>::validate_step(pool_cursor& cursor, size_t steps,
                                             const pool_geometry& geometry,
                                             check_level level) const noexcept {
  if (const status found = validate_bounds(); found != status::ok) {
    return found;
  }
  const auto may_follow = [&](const detail::link* next) noexcept {
    return next == nullptr || is_free_block(next, geometry);
  };
  for (; steps != 0 && !cursor.over; --steps) {
    if (cursor.passed >= next_ - 1) {
      cursor.over = may_follow(free_);
      return cursor.over ? status::ok : status::corrupted;
    }
    const size_t q = cursor.passed + 1;
    if (Map::is_free(base_, q)) {
      const detail::link* block = detail::as_link(base_ - q * geometry.stride);
      if (!may_follow(block->next) ||  // I2, as far as one link tells
          (level == check_level::full &&
           !detail::is_poisoned(block, sizeof(*block), geometry.stride))) {  // I3
        return status::corrupted;
      }
    }
    cursor.passed = q;
  }
  return status::ok;
}

template <class Map>
status pool_checked_core<Map>::usage_step(pool_cursor& cursor, size_t steps, acre::usage& sum,
                                          const pool_geometry& geometry) const noexcept {
  if (const status found = validate_bounds(); found != status::ok) {
    return found;
  }
  for (; steps != 0 && !cursor.over; --steps) {
    if (cursor.passed >= next_ - 1) {
      sum.bytes_free += (end_ - next_) * geometry.stride;
      sum.bytes_overhead += Map::bytes_for(blocks());
      cursor.over = true;
    } else if (Map::is_free(base_, ++cursor.passed)) {
      sum.bytes_free += geometry.stride;
    } else {
      sum.bytes_in_use += geometry.stride;
      ++sum.blocks_in_use;
    }
  }
  return status::ok;
}

template <class Map>
status pool_checked_core<Map>::refuse(const void* p, const pool_geometry& geometry) const noexcept {
  if (p == nullptr) {
    return status::ok;
  }
  const size_t below = reinterpret_cast<uintptr_t>(base_) - reinterpret_cast<uintptr_t>(p);
  const size_t blocks_bytes = blocks() * geometry.stride;
  status code = status::double_free;
  if (below - 1 >= blocks_bytes) {
    code = status::foreign_pointer;
  } else if ((below & (geometry.align - 1)) != 0) {
    code = status::misaligned_pointer;
  } else if (geometry.divisor.index(below) >= end_) {
    code = status::interior_pointer;
  }
  return detail::raise_misuse(code, p, this, __builtin_return_address(0));
}

template class pool_checked_core<detail::bit_live_map>;
template class pool_checked_core<detail::byte_live_map>;

}  // namespace acre::engine
