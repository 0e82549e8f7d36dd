// SPDX-License-Identifier: MIT
// poison: the fill pattern that check level full leaves in freed memory, to find writes after free.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::detail {

// Odd, so never a valid pointer; high bit set, so a huge length; not a common initial value.
inline constexpr unsigned char poison_byte = 0xD5;

/// Fills [block + skip, block + size). O(size).
ACRE_API void poison(void* block, size_t skip, size_t size) noexcept;

/// True iff [block + skip, block + size) still holds the pattern. O(size).
[[nodiscard]] ACRE_API bool is_poisoned(const void* block, size_t skip, size_t size) noexcept;

}  // namespace acre::detail
