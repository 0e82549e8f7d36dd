// SPDX-License-Identifier: MIT
// link: the first word of a free block, which chains it to the next free one.
#pragma once

#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::detail {

// may_alias: the same bytes hold the user's objects while the block is live.
struct [[gnu::may_alias]] link {
  link* next;
};

inline link* as_link(void* block) noexcept {
  return static_cast<link*>(block);
}

}  // namespace acre::detail
