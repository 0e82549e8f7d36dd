// SPDX-License-Identifier: MIT
// The shape of the blocks of a C pool, from what its creator asks for.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/pool.hpp>

namespace acre::inline ACRE_ABI::c {

/// Of blocks of `block_size`; `align` 0 becomes their natural one. False if they can't be.
constexpr bool shape_of(size_t block_size, size_t& align, size_t& stride) noexcept {
  if (align == 0) {
    align = detail::natural_alignment_of(block_size);
  }
  if (block_size == 0 || block_size > SIZE_MAX / 64 || align > SIZE_MAX / 64 ||
      !detail::is_power_of_two(align)) {
    return false;
  }
  align = detail::max_of(align, alignof(void*));
  stride = detail::pool_stride(block_size, align);
  return true;
}

}  // namespace acre::c
