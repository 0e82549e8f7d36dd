// SPDX-License-Identifier: MIT
// What the C functions share: a lock made of a user's functions, the control block at the begin of a region,
// and how a handle is looked at before it is used.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre.h>

#include <acre/config.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/placement.hpp>
#include <acre/fault.hpp>
#include <acre/policies.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI::c {

constexpr acre_status as_c(status code) noexcept {
  return static_cast<acre_status>(code);
}
static_assert(as_c(status::ok) == ACRE_OK && as_c(status::exhausted) == ACRE_EXHAUSTED &&
              as_c(status::not_initialised) == ACRE_NOT_INITIALISED &&
              as_c(status::invalid_argument) == ACRE_INVALID_ARGUMENT &&
              as_c(status::region_too_small) == ACRE_REGION_TOO_SMALL &&
              as_c(status::region_too_large) == ACRE_REGION_TOO_LARGE &&
              as_c(status::region_out_of_reach) == ACRE_REGION_OUT_OF_REACH &&
              as_c(status::double_free) == ACRE_DOUBLE_FREE &&
              as_c(status::foreign_pointer) == ACRE_FOREIGN_POINTER &&
              as_c(status::interior_pointer) == ACRE_INTERIOR_POINTER &&
              as_c(status::misaligned_pointer) == ACRE_MISALIGNED_POINTER &&
              as_c(status::wrong_size) == ACRE_WRONG_SIZE &&
              as_c(status::out_of_order) == ACRE_OUT_OF_ORDER &&
              as_c(status::wrong_context) == ACRE_WRONG_CONTEXT &&
              as_c(status::corrupted) == ACRE_CORRUPTED);

constexpr acre_usage as_c(const usage& u) noexcept {
  return {u.bytes_in_use, u.blocks_in_use, u.bytes_free, u.bytes_overhead};
}

/// What the creator gave, or none. A state_lock.
class hook_lock {
 public:
  constexpr hook_lock() noexcept = default;
  constexpr explicit hook_lock(const acre_lock* hooks) noexcept : hooks_(hooks) {}

  [[nodiscard]] uintptr_t lock() noexcept {
    return hooks_ == nullptr ? 0 : hooks_->lock(hooks_->context);
  }
  void unlock(uintptr_t state) noexcept {
    if (hooks_ != nullptr) {
      hooks_->unlock(hooks_->context, state);
    }
  }
  [[nodiscard]] bool may_lock() const noexcept {
    return hooks_ == nullptr || hooks_->may_lock == nullptr || hooks_->may_lock(hooks_->context);
  }

 private:
  const acre_lock* hooks_ = nullptr;
};

constexpr bool is_complete(const acre_lock* hooks) noexcept {
  return hooks == nullptr || (hooks->lock != nullptr && hooks->unlock != nullptr);
}

inline constexpr check_level level = config::default_checks;
using policy = policies<hook_lock, checks<level>, no_observer>;

/// An allocator with the lock that the creator gave.
template <class Allocator>
class locked : public Allocator {
 public:
  constexpr explicit locked(const acre_lock* hooks) noexcept {
    this->Allocator::basic_allocator::lock_.lock = hook_lock(hooks);
  }
};

/// The head of a control block. `Kind` tells the kinds of allocators apart.
template <class Allocator, uint32_t Kind>
struct alignas(default_alignment) object {
  static constexpr size_t magic_of_kind = size_t{0xAC7E'0000U} | Kind;

  template <class... Arguments>
  explicit object(Arguments... arguments) noexcept : allocator(arguments...) {}

  size_t magic = 0;  // 0: not created, or destroyed
  Allocator allocator;
};

/// What a control block takes of a region, wherever that begins, if what follows is aligned to `align`.
template <class Object>
constexpr size_t control_bytes(size_t align = default_alignment) noexcept {
  return sizeof(Object) + (alignof(Object) - 1) +
         (align > alignof(Object) ? align - alignof(Object) : 0);
}
constexpr size_t sum_or_none(size_t bytes, size_t more) noexcept {
  return bytes > SIZE_MAX / 2 || more > SIZE_MAX / 2 ? SIZE_MAX : bytes + more;
}

/// Puts a control block at the begin of `memory`, and takes it off. Null, and then `result` is why, if it does
/// not fit.
template <class Object, class... Arguments>
[[nodiscard]] Object* place(region& memory, status& result, Arguments... arguments) noexcept {
  if (!memory.valid()) {
    result = status::invalid_argument;
    return nullptr;
  }
  const region usable = memory.aligned(alignof(Object));
  if (usable.size <= sizeof(Object)) {
    result = status::region_too_small;
    return nullptr;
  }
  memory = {static_cast<unsigned char*>(usable.begin) + sizeof(Object),
            usable.size - sizeof(Object)};
  return new (detail::placement{usable.begin}) Object(arguments...);
}

/// From here on the handle is one.
template <class Object>
acre_status hand_over(Object** handle, Object* created, status result) noexcept {
  if (result == status::ok) {
    created->magic = Object::magic_of_kind;
    *handle = created;
  }
  return as_c(result);
}

/// Of a handle that is none: tells the hook, but for null.
[[nodiscard, gnu::cold]] status refuse_handle(const void* handle, const void* call_site) noexcept;

/// ok, or why the handle may not be used. Without checks only null is refused.
template <class Object>
[[nodiscard, gnu::always_inline]] inline status look_at(const Object* handle) noexcept {
  if constexpr (level == check_level::none) {
    return handle == nullptr ? status::not_initialised : status::ok;
  } else {
    if (handle == nullptr || (reinterpret_cast<uintptr_t>(handle) & (alignof(Object) - 1)) != 0 ||
        handle->magic != Object::magic_of_kind) [[unlikely]] {
      return refuse_handle(handle, __builtin_return_address(0));
    }
    return status::ok;
  }
}

/// call(allocator) of a good handle; else what look_at() says.
template <class Object, class Call>
[[gnu::always_inline]] inline acre_status status_of(Object* handle, Call call) noexcept {
  const status seen = look_at(handle);
  return as_c(seen == status::ok ? call(handle->allocator) : seen);
}

/// call(allocator) of a good handle; else `otherwise`.
template <class Object, class Result, class Call>
[[gnu::always_inline]] inline Result result_of(Object* handle, Result otherwise,
                                               Call call) noexcept {
  return look_at(handle) == status::ok ? call(handle->allocator) : otherwise;
}

// What all allocators have.

template <class Object>
[[gnu::always_inline]] inline acre_status destroy(Object* handle) noexcept {
  const status seen = look_at(handle);
  if (seen == status::ok) {
    handle->magic = 0;
  }
  return as_c(seen);
}
template <class Object>
[[gnu::always_inline]] inline void* allocate(Object* handle, size_t size, size_t align) noexcept {
  return result_of(handle, static_cast<void*>(nullptr), [&](auto& a) {
    return a.allocate(layout{size, align});
  });
}
template <class Object>
[[gnu::always_inline]] inline acre_status deallocate(Object* handle, void* block, size_t size,
                                                     size_t align) noexcept {
  return status_of(handle, [&](auto& a) { return a.deallocate(block, layout{size, align}); });
}
template <class Object>
[[gnu::always_inline]] inline bool owns(const Object* handle, const void* p) noexcept {
  return result_of(handle, false, [&](const auto& a) { return a.owns(p); });
}
template <class Object>
[[gnu::always_inline]] inline size_t largest_free(const Object* handle) noexcept {
  return result_of(handle, size_t{0}, [](const auto& a) { return a.largest_free(); });
}
template <class Object>
[[gnu::always_inline]] inline acre_usage usage_of(const Object* handle) noexcept {
  return as_c(result_of(handle, usage{}, [](const auto& a) { return a.usage(); }));
}
template <class Object>
[[gnu::always_inline]] inline acre_status validate(const Object* handle) noexcept {
  return status_of(handle, [](const auto& a) { return a.validate(); });
}

}  // namespace acre::c
