// SPDX-License-Identifier: MIT
// slab_cache: objects of one type that stay constructed while they are free.
//
// Source: J. Bonwick, "The Slab Allocator: An Object-Caching Kernel Memory Allocator", USENIX 1994.
// Constructing can cost more than allocating: a cache constructs the objects of a slab when it takes
// the slab, hands them out constructed, and destroys them when trim() gives the slab back.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/detail/placement.hpp>
#include <acre/slab.hpp>

namespace acre::inline ACRE_ABI {

namespace detail {

template <class T>
struct cached_objects {
  static constexpr bool retain = true;
  static constexpr void (*construct)(void*) noexcept = [](void* p) noexcept {
    new (placement{p}) T();
  };
  static constexpr void (*destroy)(void*) noexcept = [](void* p) noexcept {
    static_cast<T*>(p)->~T();
  };
};

/// The one size class of a T.
template <class T>
using class_of_type = size_classes<round_up(sizeof(T), max_of(alignof(T), engine::slab_granule))>;

}  // namespace detail

/// A cache of T, which must be default-constructible. Give an object back in the state in which the
/// next user wants to find it.
///
/// init() on a cache in use runs no destructors; trim() first. Constructors and destructors of T run
/// under the cache's lock, so they may not use the cache.
///
/// Cost: acquire and release O(1), but a slab that is taken constructs its objects, O(objects in a
/// slab). Check levels as for slab; full does not fill freed objects, which stay constructed.
template <class T, class Policies = policies<>, size_t SlabBytes = config::slab_bytes,
          slab_metadata Metadata = default_slab_metadata>
class slab_cache
    : private basic_allocator<detail::slab_engine<detail::class_of_type<T>, Policies::level,
                                                  SlabBytes, Metadata, detail::cached_objects<T>>,
                              Policies> {
  using core = detail::slab_engine<detail::class_of_type<T>, Policies::level, SlabBytes, Metadata,
                                   detail::cached_objects<T>>;
  using shell = basic_allocator<core, Policies>;
  static_assert(core::class_for(layout::of<T>()) == 0,
                "T is aligned more strictly than an object behind a slab's header can be: use "
                "slab_metadata::out_of_band");

 public:
  /// The size of a region in which `count` objects fit. SIZE_MAX if no region is large enough.
  static constexpr size_t required_bytes(size_t count,
                                         size_t region_align = default_alignment) noexcept {
    return core::required_bytes(core::slabs_for(count, layout::of<T>()), region_align);
  }

  using shell::init;
  using shell::largest_free;
  using shell::observer;
  using shell::owns;
  using shell::usage;
  using shell::usage_step;
  using shell::validate;
  using shell::validate_step;

  /// A constructed object, as its last user left it. Null iff exhausted or not initialised.
  [[nodiscard]] T* acquire() noexcept {
    return static_cast<T*>(shell::allocate(layout::of<T>()));
  }

  /// Gives `object` back, still constructed; null does nothing.
  /// Returns ok, or the misuse that was found; then nothing has changed.
  status release(T* object) noexcept {
    return shell::deallocate(object, layout::of<T>());
  }

  /// Destroys the objects of all slabs that have nothing in use, and makes the slabs plain memory
  /// again. Returns the bytes given back. O(objects in them).
  size_t trim() noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return 0;
    }
    return this->engine_.trim();
  }
};

}  // namespace acre
