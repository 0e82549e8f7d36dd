// SPDX-License-Identifier: MIT
// hosted::slab_provider: a static source of objects of one type, named by a tag, for all threads.
//
// As core's, but it needs no region: it grows from a source. Each thread has slabs of its own, and frees of
// another thread's objects wait for nobody; see thread_slabs.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/port/thread_slabs.hpp>
#include <acre/slab_provider.hpp>
#include <acre/typed.hpp>
#include <acre/unique_ptr.hpp>

namespace acre::inline ACRE_ABI::hosted {

/// Example: `using packets = acre::hosted::slab_provider<packet, "rx">;
/// auto p = packets::get_unique(42);`
///
/// The provider is a type and not an object, so a unique_ptr from it is one word. Two tags are two
/// providers: they never share memory, though both take from the same system.
///
/// Threads, signal handlers, fork, cost and misuse: as thread_slabs. Constructors and destructors of T run
/// outside every lock, and may use the provider.
template <class T, tag Tag, region_source Source = os_source, check_policy Checks = default_checks>
class slab_provider {
  using storage = thread_slabs<sizeof(T), Source, Checks, alignof(T)>;

 public:
  struct owner {
    void operator()(T* object) const noexcept {
      static_cast<void>(acre::destroy(slabs_, object));
    }
  };
  using pointer = unique_ptr<T, owner>;

  slab_provider() = delete;

  /// Storage for one T, not constructed. Null iff the source gave no region for more.
  [[nodiscard]] static void* alloc_raw() noexcept {
    return slabs_.allocate();
  }
  /// Takes storage back whose object, if any, is destroyed; null does nothing.
  static status free_raw(void* block) noexcept {
    return slabs_.deallocate(block);
  }
  /// A constructed T, owned; a null pointer iff there is no storage.
  template <class... Args>
  [[nodiscard]] static pointer get_unique(Args&&... args) noexcept {
    return pointer(construct<T>(slabs_, static_cast<Args&&>(args)...), owner{});
  }
  /// Puts what this thread keeps where all threads find it: before it sleeps for long.
  static void flush() noexcept {
    slabs_.flush();
  }
  /// flush(), then gives what has nothing in use back to the source. Returns the bytes given back.
  static size_t trim() noexcept {
    return slabs_.trim();
  }
  /// Gives everything back to the source, whatever is live: see thread_slabs.
  static void release_all() noexcept {
    slabs_.release_all();
  }
  /// The allocator behind the provider: usage, validate, counts.
  [[nodiscard]] static const storage& state() noexcept {
    return slabs_;
  }
  /// Called under the provider's lock.
  [[nodiscard]] static Source& source() noexcept {
    return slabs_.source();
  }

 private:
  static inline constinit storage slabs_;
};

}  // namespace acre::hosted
