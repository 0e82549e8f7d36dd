// SPDX-License-Identifier: MIT
// growing: an allocator that asks a source for a further region when it is exhausted.
#pragma once

#include <acre/call_guard.hpp>
#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/placement.hpp>
#include <acre/fault.hpp>
#include <acre/sources.hpp>

namespace acre::inline ACRE_ABI {

/// How far validate_step() or usage_step() of a growing allocator has come. Regions come and go, so it is
/// an address that the next one lies at or above.
template <class Cursor>
struct growing_cursor {
  uintptr_t region = 0;
  Cursor inner;
  bool over = false;

  [[nodiscard]] constexpr bool finished() const noexcept {
    return over;
  }
};

/// A list of allocators `A`, each at the start of a region from `Source` and over the rest of it.
///
/// Cost: allocate and deallocate O(regions) in the worst case; the region that served last is asked
/// first. `Lock` guards the list and the source; give `A` no lock of its own. Nothing is given back
/// by a destructor, so that a static object needs none. Regions with nothing in use go back to
/// the source at trim() and at release_all().
template <measurable_allocator A, region_source Source, lock_policy Lock = no_lock>
requires requires(layout wanted) {
  { A::required_bytes_for(wanted) } -> detail::same_as<size_t>;
}
class growing {
  // As its allocators check; basic where they have no policies to say so.
  static constexpr check_level level = [] {
    if constexpr (requires { A::policies_type::level; }) {
      return A::policies_type::level;
    } else {
      return check_level::basic;
    }
  }();

 public:
  constexpr growing() noexcept = default;
  growing(const growing&) = delete;
  growing& operator=(const growing&) = delete;

  /// Null iff no region has room and the source gives none in which the request fits.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return nullptr;
    }
    for (node** at = &first_; *at != nullptr; at = &(*at)->next) {
      if (void* block = (*at)->allocator.allocate(wanted); block != nullptr) {
        move_to_front(at);
        return block;
      }
    }
    node* fresh = grow(wanted);
    if (fresh == nullptr) {
      return nullptr;
    }
    void* block = fresh->allocator.allocate(wanted);
    if (block == nullptr) {
      source_.release(fresh->memory);
      return nullptr;
    }
    fresh->next = first_;
    first_ = fresh;
    return block;
  }

  /// Returns what the owning allocator returns; foreign_pointer if no region owns `block`.
  status deallocate(void* block, layout given) noexcept {
    if (block == nullptr) {
      return status::ok;
    }
    const call_guard guard(lock_, this, block);
    if (guard.refused()) {
      return status::wrong_context;
    }
    for (node* at = first_; at != nullptr; at = at->next) {
      if (at->allocator.owns(block)) {
        return at->allocator.deallocate(block, given);
      }
    }
    return detail::raise_misuse(status::foreign_pointer, block, this, __builtin_return_address(0));
  }

  [[nodiscard]] bool owns(const void* p) const noexcept {
    const call_guard guard(lock_, this, p);
    if (guard.refused()) {
      return false;
    }
    for (const node* at = first_; at != nullptr; at = at->next) {
      if (at->allocator.owns(p)) {
        return true;
      }
    }
    return false;
  }

  /// The sum over all regions. O(regions * the allocator's usage()).
  [[nodiscard]] acre::usage usage() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return {};
    }
    acre::usage sum;
    for (const node* at = first_; at != nullptr; at = at->next) {
      sum += at->allocator.usage();
      sum.bytes_overhead += sizeof(node);
    }
    return sum;
  }

  /// Validates in parts, a region a call, the lowest first, at most `steps` steps of the allocator's
  /// validate_step(). A region that is there from the first call to the last is validated whole. See
  /// basic_allocator::validate_step. O(regions + steps).
  template <class E = typename A::engine_type>
  [[nodiscard]] status validate_step(growing_cursor<typename E::cursor_type>& cursor,
                                     size_t steps) const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return step(cursor, steps, [steps](const A& allocator, typename E::cursor_type& inner) {
      return allocator.validate_step(inner, steps);
    });
  }

  /// usage() in parts, likewise; adds to `sum`.
  template <class E = typename A::engine_type>
  [[nodiscard]] status usage_step(growing_cursor<typename E::cursor_type>& cursor, size_t steps,
                                  acre::usage& sum) const noexcept requires requires(const E& e) {
    e.usage_step(cursor.inner, steps, sum);
  }
  {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return step(cursor, steps, [&](const A& allocator, typename E::cursor_type& inner) {
      const status found = allocator.usage_step(inner, steps, sum);
      sum.bytes_overhead += inner.finished() ? sizeof(node) : 0;
      return found;
    });
  }

  /// The largest over the present regions; a request above it may still succeed, by growing.
  [[nodiscard]] size_t largest_free() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return 0;
    }
    size_t largest = 0;
    for (const node* at = first_; at != nullptr; at = at->next) {
      largest = detail::max_of(largest, at->allocator.largest_free());
    }
    return largest;
  }

  /// Asks each region's allocator, reading only; ok also if there is no region. Under the lock throughout.
  [[nodiscard]] status validate() const noexcept requires auditable_allocator<A> {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    for (const node* at = first_; at != nullptr; at = at->next) {
      if (const status found = at->allocator.validate(); found != status::ok) {
        return found;
      }
    }
    return status::ok;
  }

  /// Gives regions with nothing in use back to the source. Returns the bytes given back.
  size_t trim() noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return 0;
    }
    size_t released = 0;
    for (node** at = &first_; *at != nullptr;) {
      node* candidate = *at;
      if (candidate->allocator.usage().blocks_in_use == 0) {
        *at = candidate->next;
        const region memory = candidate->memory;
        released += memory.size;
        source_.release(memory);
      } else {
        at = &candidate->next;
      }
    }
    return released;
  }

  /// Gives all regions back to the source, whatever is live in them.
  void release_all() noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return;
    }
    while (first_ != nullptr) {
      const region memory = first_->memory;
      first_ = first_->next;
      source_.release(memory);
    }
  }

  /// The source, which is part of this object.
  [[nodiscard]] Source& source() noexcept {
    return source_;
  }

 private:
  struct node {
    node* next = nullptr;
    region memory;
    A allocator;
  };

  /// The lowest region that lies at `from` or above; null if there is none.
  [[nodiscard]] const node* lowest_from(uintptr_t from) const noexcept {
    const node* lowest = nullptr;
    for (const node* at = first_; at != nullptr; at = at->next) {
      const auto address = reinterpret_cast<uintptr_t>(at);
      if (address >= from && (lowest == nullptr || address < reinterpret_cast<uintptr_t>(lowest))) {
        lowest = at;
      }
    }
    return lowest;
  }

  template <class Cursor, class Part>
  [[nodiscard]] status step(Cursor& cursor, size_t steps, Part&& part) const noexcept {
    if (steps == 0 || cursor.over) {
      return status::ok;
    }
    const node* at = lowest_from(cursor.region);
    if (at == nullptr) {
      cursor.over = true;
      return status::ok;
    }
    if (reinterpret_cast<uintptr_t>(at) != cursor.region) {
      cursor.region = reinterpret_cast<uintptr_t>(at);
      cursor.inner = {};
    }
    const status found = part(at->allocator, cursor.inner);
    if (cursor.inner.finished()) {
      ++cursor.region;
    }
    return found;
  }

  void move_to_front(node** at) noexcept {
    node* used = *at;
    *at = used->next;
    used->next = first_;
    first_ = used;
  }

  [[nodiscard]] node* grow(layout wanted) noexcept {
    if (!wanted.valid()) {
      return nullptr;
    }
    const size_t least = A::required_bytes_for(wanted);
    if (least > SIZE_MAX / 2) {
      return nullptr;
    }
    const size_t needed = sizeof(node) + alignof(node) + least;
    const region memory = source_.acquire(detail::max_of(needed, source_.granularity()));
    const region usable = memory.aligned(alignof(node));
    if (usable.size <= sizeof(node)) {
      if (!memory.empty()) {
        source_.release(memory);
      }
      return nullptr;
    }
    node* fresh = new (detail::placement{usable.begin}) node{};
    fresh->memory = memory;
    const region rest{fresh + 1, usable.size - sizeof(node)};
    if (fresh->allocator.init(rest) != status::ok) {
      source_.release(memory);
      return nullptr;
    }
    return fresh;
  }

  node* first_ = nullptr;
  [[no_unique_address]] Source source_;
  [[no_unique_address]] mutable checked_lock<Lock, level> lock_;
};

}  // namespace acre
