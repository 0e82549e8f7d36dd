// SPDX-License-Identifier: MIT
// Sources: where an allocator that can grow gets further regions from. Core has those that need no
// operating system; hosted ports add theirs.
#pragma once

#include <stddef.h>

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/region.hpp>

namespace acre::inline ACRE_ABI {

/// Has nothing: the source of an allocator that does not grow.
struct no_source {
  [[nodiscard]] region acquire(size_t) noexcept {
    return {};
  }
  void release(region) noexcept {}
  [[nodiscard]] size_t granularity() const noexcept {
    return 1;
  }
};

/// Gives out regions that the caller added, whole, first fit, and keeps what comes back. The list
/// lies in the regions themselves. acquire is O(regions), add and release are O(1). Not synchronised:
/// an allocator calls its source under its own lock; call add() where that can't happen.
class region_list_source {
 public:
  constexpr region_list_source() noexcept = default;
  region_list_source(const region_list_source&) = delete;
  region_list_source& operator=(const region_list_source&) = delete;

  /// Returns ok, invalid_argument, or region_too_small if the list's own two words do not fit.
  [[nodiscard]] status add(region memory) noexcept {
    if (!memory.valid()) {
      return status::invalid_argument;
    }
    const region usable = memory.aligned(alignof(node));
    if (usable.size < sizeof(node)) {
      return status::region_too_small;
    }
    release(usable);
    return status::ok;
  }
  /// The region added or released last that has at least `bytes`; empty iff there is none.
  [[nodiscard]] region acquire(size_t bytes) noexcept {
    for (node** at = &head_; *at != nullptr; at = &(*at)->next) {
      if ((*at)->size >= bytes) {
        const region found{*at, (*at)->size};
        *at = (*at)->next;
        return found;
      }
    }
    return {};
  }
  /// Takes back a region that acquire() gave.
  void release(region memory) noexcept {
    if (!memory.empty()) {
      auto* entry = static_cast<node*>(memory.begin);
      *entry = {head_, memory.size};
      head_ = entry;
    }
  }
  [[nodiscard]] size_t granularity() const noexcept {
    return sizeof(node);
  }

 private:
  struct [[gnu::may_alias]] node {
    node* next;
    size_t size;
  };
  node* head_ = nullptr;
};

static_assert(region_source<no_source> && region_source<region_list_source>);

}  // namespace acre
