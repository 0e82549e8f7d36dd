// SPDX-License-Identifier: MIT
// unique_ptr: owns one object from an allocator. One word where the allocator is a static provider,
// two where it is an object or an allocator_ref.
#pragma once

#include <acre/allocator_ref.hpp>
#include <acre/detail/abi.hpp>
#include <acre/typed.hpp>

namespace acre::inline ACRE_ABI {

/// Gives objects back to the allocator that it points to, which must outlive it.
template <class A>
struct owner_of {
  A* allocator = nullptr;

  template <class T>
  void operator()(T* object) const noexcept {
    static_cast<void>(destroy(*allocator, object));
  }
};

/// A move-only owner. `Owner` is a callable that takes the object back; an empty one costs nothing.
/// The deleter never changes hands in a way that outlives its allocator: that is the caller's part.
template <class T, class Owner = owner_of<const allocator_ref>>
class unique_ptr {
 public:
  constexpr unique_ptr() noexcept = default;
  constexpr unique_ptr(decltype(nullptr)) noexcept {
  }  // NOLINT(google-explicit-constructor): as std
  constexpr unique_ptr(T* object, Owner owner) noexcept : object_(object), owner_(owner) {}
  unique_ptr(unique_ptr&& other) noexcept : object_(other.release()), owner_(other.owner_) {}
  unique_ptr& operator=(unique_ptr&& other) noexcept {
    if (this != &other) {
      reset();
      object_ = other.release();
      owner_ = other.owner_;
    }
    return *this;
  }
  unique_ptr(const unique_ptr&) = delete;
  unique_ptr& operator=(const unique_ptr&) = delete;
  ~unique_ptr() noexcept {
    reset();
  }

  /// Destroys the object and gives its block back; then owns nothing.
  void reset() noexcept {
    if (T* object = release(); object != nullptr) {
      owner_(object);
    }
  }
  /// Gives up ownership: the caller destroys the object.
  [[nodiscard]] T* release() noexcept {
    T* object = object_;
    object_ = nullptr;
    return object;
  }
  [[nodiscard]] T* get() const noexcept {
    return object_;
  }
  [[nodiscard]] T& operator*() const noexcept {
    return *object_;
  }
  T* operator->() const noexcept {
    return object_;
  }
  [[nodiscard]] explicit operator bool() const noexcept {
    return object_ != nullptr;
  }
  friend bool operator==(const unique_ptr& p, decltype(nullptr)) noexcept {
    return p.object_ == nullptr;
  }

 private:
  T* object_ = nullptr;
  [[no_unique_address]] Owner owner_;
};

/// Constructs a T in `from`, which must outlive the result. Returns a null pointer iff exhausted.
template <class T, sized_allocator A, class... Args>
requires(!detail::is_same_v<A, allocator_ref> && !detail::is_same_v<A, const allocator_ref>)
    [[nodiscard]] unique_ptr<T, owner_of<A>> make_unique(A& from, Args&&... args) noexcept {
  return {construct<T>(from, static_cast<Args&&>(args)...), owner_of<A>{&from}};
}

/// The same through a reference to an allocator. The result refers to `from` itself, and not only to
/// what that refers to, so a temporary is not taken.
template <class T, class... Args>
[[nodiscard]] unique_ptr<T> make_unique(const allocator_ref& from, Args&&... args) noexcept {
  return {construct<T>(from, static_cast<Args&&>(args)...), owner_of<const allocator_ref>{&from}};
}
template <class T, class... Args>
unique_ptr<T> make_unique(const allocator_ref&& from, Args&&... args) = delete;

}  // namespace acre
