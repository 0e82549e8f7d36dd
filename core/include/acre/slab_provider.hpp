// SPDX-License-Identifier: MIT
// slab_provider: a static source of objects of one type, named by a tag.
//
// The provider is a type and not an object, so a unique_ptr from it is one word. Two tags are two
// providers with a region each: they never share memory, and one subsystem can't starve another.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/slab_cache.hpp>
#include <acre/typed.hpp>
#include <acre/unique_ptr.hpp>

namespace acre::inline ACRE_ABI {

/// A string literal as a template argument.
template <size_t Length>
struct tag {
  char text[Length] = {};

  constexpr tag(const char (&literal)[Length]) noexcept {  // NOLINT(google-explicit-constructor)
    for (size_t i = 0; i < Length; ++i) {
      text[i] = literal[i];
    }
  }
};

/// Example: `using packets = acre::slab_provider<packet, "rx">; packets::init(memory);
/// auto p = packets::get_unique(42);`
///
/// Threads and interrupts: as the lock of `Policies` allows. Cost: as slab.
template <class T, tag Tag, class Policies = policies<>, size_t SlabBytes = config::slab_bytes,
          slab_metadata Metadata = default_slab_metadata>
class slab_provider {
  using storage = slab<detail::class_of_type<T>, Policies, SlabBytes, Metadata>;

 public:
  struct owner {
    void operator()(T* object) const noexcept {
      static_cast<void>(acre::destroy(slab_, object));
    }
  };
  using pointer = unique_ptr<T, owner>;

  slab_provider() = delete;

  /// The size of a region in which `count` objects fit. SIZE_MAX if no region is large enough.
  static constexpr size_t required_bytes(size_t count,
                                         size_t region_align = default_alignment) noexcept {
    return storage::required_bytes(count, layout::of<T>(), region_align);
  }

  /// Takes over `memory`; see basic_allocator::init. Until then every request answers null.
  [[nodiscard]] static status init(region memory) noexcept {
    return slab_.init(memory);
  }
  /// Storage for one T, not constructed. Null iff exhausted.
  [[nodiscard]] static void* alloc_raw() noexcept {
    return slab_.allocate(layout::of<T>());
  }
  /// Takes storage back whose object, if any, is destroyed; null does nothing.
  static status free_raw(void* block) noexcept {
    return slab_.deallocate(block, layout::of<T>());
  }
  /// A constructed T, owned; a null pointer iff exhausted.
  template <class... Args>
  [[nodiscard]] static pointer get_unique(Args&&... args) noexcept {
    return pointer(construct<T>(slab_, static_cast<Args&&>(args)...), owner{});
  }
  /// The allocator behind the provider: usage, validate, observer.
  [[nodiscard]] static const storage& state() noexcept {
    return slab_;
  }

 private:
  static inline constinit storage slab_;
};

}  // namespace acre
