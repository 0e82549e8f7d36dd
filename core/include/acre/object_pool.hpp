// SPDX-License-Identifier: MIT
// object_pool: a pool of constructed objects of one type.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/pool.hpp>
#include <acre/typed.hpp>
#include <acre/unique_ptr.hpp>

namespace acre::inline ACRE_ABI {

/// A pool whose blocks are T: create and destroy instead of allocate and deallocate.
template <class T, class Policies = policies<>>
class object_pool : public pool<sizeof(T), Policies, detail::max_of(alignof(T), alignof(void*))> {
  using base = pool<sizeof(T), Policies, detail::max_of(alignof(T), alignof(void*))>;

 public:
  using pointer = unique_ptr<T, owner_of<object_pool>>;

  /// Constructs a T. Null iff the pool is exhausted. O(1).
  template <class... Args>
  [[nodiscard]] T* create(Args&&... args) noexcept {
    void* where = base::allocate();
    return where == nullptr ? nullptr
                            : new (detail::placement{where}) T(static_cast<Args&&>(args)...);
  }

  /// Destroys `object`; null does nothing. From basic on an object that is not live is refused, and
  /// its destructor not run. O(1).
  status destroy(T* object) noexcept {
    return acre::destroy(*this, object);
  }

  /// As create(), owned. The pool must outlive the pointer.
  template <class... Args>
  [[nodiscard]] pointer make_unique(Args&&... args) noexcept {
    return pointer(create(static_cast<Args&&>(args)...), owner_of<object_pool>{this});
  }

  /// Calls visit(T&) for each live object, under the lock. O(objects ever created). The visitor must
  /// not create or destroy. Not at level none.
  template <class Visitor>
  requires(Policies::level != check_level::none) void for_each(Visitor&& visit) {
    base::for_each_live([&](void* block) { visit(*static_cast<T*>(block)); });
  }
};

}  // namespace acre
