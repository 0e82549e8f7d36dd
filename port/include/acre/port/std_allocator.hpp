// SPDX-License-Identifier: MIT
// std_allocator: any allocator of acre for the containers of the standard library.
//
//   acre::pool<acre::node_bytes<std::map<int, int>>> nodes;
//   std::map<int, int, std::less<>, acre::std_allocator<std::pair<const int, int>>> map(nodes);
//
// Meets the requirements of C++20 [allocator.requirements], rebinding and over-aligned types included.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <acre/allocator_ref.hpp>
#include <acre/detail/abi.hpp>
#include <acre/port/exhaustion.hpp>

namespace acre::inline ACRE_ABI {

/// What a std_allocator holds: copied freely, and equal iff what one gives out the other takes back.
/// target() is an address that tells allocators apart.
template <class H>
concept memory_handle = std::is_nothrow_copy_constructible_v<H> &&
    requires(const H& handle, void* block, layout l) {
  { handle.allocate(l) }
  noexcept->std::same_as<void*>;
  { handle.deallocate(block, l) }
  noexcept->std::same_as<status>;
  { handle == handle } -> std::convertible_to<bool>;
  { handle.target() }
  noexcept->std::same_as<const void*>;
};

/// A reference to an allocator whose type is known: one word instead of the two of allocator_ref, and calls
/// that are inlined. The allocator must outlive every copy.
template <sized_allocator A>
class direct_ref {
 public:
  constexpr direct_ref(A& target) noexcept  // NOLINT(google-explicit-constructor): a reference
      : target_(&target) {}

  [[nodiscard]] void* allocate(layout wanted) const noexcept {
    return target_->allocate(wanted);
  }
  status deallocate(void* block, layout given) const noexcept {
    return target_->deallocate(block, given);
  }
  [[nodiscard]] constexpr A& get() const noexcept {
    return *target_;
  }
  [[nodiscard]] constexpr const void* target() const noexcept {
    return target_;
  }
  friend constexpr bool operator==(direct_ref, direct_ref) noexcept = default;

 private:
  A* target_;
};

/// Allocates arrays of T through `Handle`: an allocator_ref (any allocator, two words, an indirect call),
/// or a direct_ref<A> (one type of allocator, one word, inlined). Has no default constructor unless the
/// handle is empty, so that a container that was told no allocator does not compile.
///
/// Exhaustion is std::bad_alloc; without exceptions see <acre/port/exhaustion.hpp>. What deallocate finds
/// wrong with a block is told to the fault hook. Alignment is alignof(T), whatever that is, if the allocator
/// has it. Cost and contexts: as the allocator behind it, which must outlive all containers.
///
/// A container that is copied takes its memory from where the original does. Copy assignment leaves a
/// container its own memory, which was chosen for its place and its budget. Move assignment and swap take
/// the allocator along with the blocks: they stay O(1), need no memory, and so cannot fail; with another
/// choice a move between different allocators would copy, and swap would be undefined.
template <class T, memory_handle Handle = allocator_ref>
class std_allocator {
 public:
  using value_type = T;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;
  using is_always_equal = std::is_empty<Handle>;
  using propagate_on_container_copy_assignment = std::false_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;

  constexpr std_allocator() noexcept requires std::is_empty_v<Handle>
  = default;
  constexpr std_allocator(Handle from) noexcept  // NOLINT(google-explicit-constructor): a reference
      : from_(from) {}
  template <sized_allocator A>
  requires(!std::is_same_v<A, Handle> && std::is_constructible_v<Handle, A&>)  //
      constexpr std_allocator(A& from) noexcept  // NOLINT(google-explicit-constructor): as above
      : from_(from) {}
  template <class U>
  constexpr std_allocator(  // NOLINT(google-explicit-constructor): containers rebind
      const std_allocator<U, Handle>& other) noexcept
      : from_(other.handle()) {}

  /// Uninitialised storage for `count` objects.
  [[nodiscard]] T* allocate(size_type count) {
    const layout wanted = layout::array_of<T>(count);
    void* block = from_.allocate(wanted);
    if (block == nullptr) [[unlikely]] {
      detail::raise_exhaustion(wanted);
    }
    return static_cast<T*>(block);
  }
  /// Gives back what allocate(count) returned.
  void deallocate(T* block, size_type count) noexcept {
    static_cast<void>(from_.deallocate(block, layout::array_of<T>(count)));
  }
  /// No request for more can succeed; one for less may fail.
  [[nodiscard]] static constexpr size_type max_size() noexcept {
    return (SIZE_MAX / 2) / sizeof(T);
  }
  [[nodiscard]] constexpr std_allocator select_on_container_copy_construction() const noexcept {
    return *this;
  }
  [[nodiscard]] constexpr const Handle& handle() const noexcept {
    return from_;
  }

  template <class U>
  friend constexpr bool operator==(const std_allocator& a,
                                   const std_allocator<U, Handle>& b) noexcept {
    return a.handle() == b.handle();
  }

 private:
  [[no_unique_address]] Handle from_;
};

}  // namespace acre
