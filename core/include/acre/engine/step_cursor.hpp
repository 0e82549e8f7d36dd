// SPDX-License-Identifier: MIT
// step_cursor: how far a call in steps has come (validate_step, usage_step, walk_step).
//
// Between two steps anything may happen to the allocator, init() too. So a cursor holds numbers, and
// addresses only to compare with what the allocator knows now: one that is out of date, or another
// allocator's, costs coverage and nothing else.
#pragma once

#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::engine {

/// What the cursors of all engines have in common. A new one begins at the beginning.
struct step_cursor {
  bool over = false;

  [[nodiscard]] constexpr bool finished() const noexcept {
    return over;
  }
};

}  // namespace acre::engine
