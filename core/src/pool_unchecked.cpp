// SPDX-License-Identifier: MIT
#include <acre/detail/bits.hpp>
#include <acre/engine/pool_unchecked.hpp>

namespace acre::inline ACRE_ABI::engine {

status pool_unchecked_core::init(void* begin, size_t size, size_t stride, size_t align) noexcept {
  const region memory{begin, size};
  free_ = nullptr;
  uncarved_ = total_ = 0;
  if (!memory.valid()) {
    return status::invalid_argument;
  }
  const region usable = memory.aligned(align);
  low_ = static_cast<unsigned char*>(usable.begin);
  const size_t blocks = detail::divide(usable.size, stride);
  uncarved_ = total_ = blocks * stride;
  return blocks == 0 ? status::region_too_small : status::ok;
}

acre::usage pool_unchecked_core::usage(size_t stride) const noexcept {
  size_t in_use = total_ - uncarved_;
  size_t blocks = 0;
  for (size_t left = in_use; left != 0; left -= stride) {
    ++blocks;
  }
  for (const detail::link* block = free_; block != nullptr; block = block->next) {
    in_use -= stride;
    --blocks;
  }
  return {.bytes_in_use = in_use, .blocks_in_use = blocks, .bytes_free = total_ - in_use};
}

status pool_unchecked_core::validate(size_t stride) const noexcept {
  if (total_ == 0) {
    return status::not_initialised;
  }
  if (uncarved_ > total_) {  // I1
    return status::corrupted;
  }
  size_t left = total_ - uncarved_;
  const uintptr_t carved = reinterpret_cast<uintptr_t>(low_) + uncarved_;
  const auto divisor = detail::exact_divisor::of(stride);
  const size_t blocks = divisor.index(left);
  for (const detail::link* block = free_; block != nullptr; block = block->next) {  // I2
    const size_t index = divisor.index(reinterpret_cast<uintptr_t>(block) - carved);
    if (index >= blocks || left == 0) {  // outside, between blocks, or the list is a cycle
      return status::corrupted;
    }
    left -= stride;
  }
  return status::ok;
}

}  // namespace acre::engine
