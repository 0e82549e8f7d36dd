// SPDX-License-Identifier: MIT
// typed: objects instead of bytes, over any allocator.
//
// Constructors must not throw. destroy takes the type that was constructed, not a base of it: the
// layout is part of giving a block back.
#pragma once

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/placement.hpp>

namespace acre::inline ACRE_ABI {

/// Allocates and constructs a T. Null iff the allocator is exhausted.
template <class T, sized_allocator A, class... Args>
[[nodiscard]] T* construct(A& from, Args&&... args) noexcept {
  void* where = from.allocate(layout::of<T>());
  return where == nullptr ? nullptr
                          : new (detail::placement{where}) T(static_cast<Args&&>(args)...);
}

/// Destroys and deallocates `object`; null does nothing. Returns what deallocate returns. The
/// destructor runs outside the allocator's lock, which is taken once or twice. Where the
/// allocator can tell (pool, slab, buddy and stack from basic on), a destructor is not run on an
/// object that is not live.
template <class T, sized_allocator A>
status destroy(A& from, T* object) noexcept {
  if constexpr (!detail::trivially_destructible<T>) {
    if (object == nullptr) {
      return status::ok;
    }
    if constexpr (liveness_checking_allocator<A>) {
      if (!from.is_live(object, layout::of<T>())) {
        return from.deallocate(object, layout::of<T>());  // refuses, and says why
      }
    }
    object->~T();
  }
  return from.deallocate(object, layout::of<T>());
}

/// Allocates `count` contiguous T and value-initialises each. Null iff exhausted, or the size
/// overflows. An array of none is one block, to be given back like any other. O(count).
template <class T, sized_allocator A>
[[nodiscard]] T* construct_array(A& from, size_t count) noexcept {
  void* where = from.allocate(layout::array_of<T>(count));
  if (where == nullptr) {
    return nullptr;
  }
  T* first = static_cast<T*>(where);
  for (size_t i = 0; i < count; ++i) {
    new (detail::placement{first + i}) T();
  }
  return first;
}

/// Destroys, last first, and deallocates an array of `count` T; null does nothing. As destroy().
template <class T, sized_allocator A>
status destroy_array(A& from, T* first, size_t count) noexcept {
  const layout whole = layout::array_of<T>(count);
  if constexpr (!detail::trivially_destructible<T>) {
    if (first == nullptr) {
      return status::ok;
    }
    if constexpr (liveness_checking_allocator<A>) {
      if (!from.is_live(first, whole)) {
        return from.deallocate(first, whole);
      }
    }
    for (size_t i = count; i-- > 0;) {
      first[i].~T();
    }
  }
  return from.deallocate(first, whole);
}

}  // namespace acre
