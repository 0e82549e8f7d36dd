// SPDX-License-Identifier: MIT
#include <acre/engine/pool_checked.hpp>

namespace acre::engine {

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
status pool_checked_core<Map>::validate(const pool_geometry& geometry,
                                        check_level level) const noexcept {
  if (base_ == nullptr) {
    return status::not_initialised;
  }
  if (next_ == 0 || next_ > end_ || !Map::is_free(base_, 0)) {  // I1
    return status::corrupted;
  }
  size_t flagged = 0;
  for (size_t q = 1; q < next_; ++q) {
    flagged += Map::is_free(base_, q) ? 1U : 0U;
  }
  for (const detail::link* block = free_; block != nullptr; block = block->next) {
    const size_t q = geometry.divisor.index(reinterpret_cast<uintptr_t>(base_) -
                                            reinterpret_cast<uintptr_t>(block));
    if (q - 1 >= next_ - 1 || !Map::is_free(base_, q) || flagged == 0) {  // I2
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
