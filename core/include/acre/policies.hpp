// SPDX-License-Identifier: MIT
// policies: how an allocator locks, checks and is watched. One template argument carries all three.
#pragma once

#include <acre/check_level.hpp>
#include <acre/concepts.hpp>
#include <acre/config.hpp>
#include <acre/observers.hpp>

namespace acre {

/// No lock: for an allocator that one context uses, or whose callers lock. No state, no code.
struct no_lock {
  void lock() noexcept {}
  void unlock() noexcept {}
};

/// No lock, because none is needed: what the allocators with atomic operations have. Any context may call
/// them, whatever else is in the middle of a call.
struct lock_free : no_lock {};

/// A check level as a type.
template <check_level Level>
struct checks {
  static constexpr check_level level = Level;
};

using checks_none = checks<check_level::none>;
using checks_basic = checks<check_level::basic>;
using checks_full = checks<check_level::full>;
using default_checks = checks<config::default_checks>;
using default_observer =
    detail::conditional_t<config::usage_counters_by_default, usage_counters, no_observer>;

template <class C>
concept check_policy = detail::same_as<const check_level, decltype(C::level)>;

/// Example: `pool<64, policies<irq_lock, checks_basic, usage_counters>>`.
///
/// A lock is default-constructed with the allocator, so its constructor must be constexpr for a
/// `constinit` allocator; it belongs to the allocator and to nothing else.
template <lock_policy Lock = no_lock, check_policy Checks = default_checks,
          observer_policy Observer = default_observer>
struct policies {
  using lock = Lock;
  using observer = Observer;
  static constexpr check_level level = Checks::level;
};

/// Holds a lock for a scope.
template <lock_policy Lock>
class [[nodiscard]] lock_guard {
 public:
  explicit lock_guard(Lock& lock) noexcept : lock_(lock) {
    lock_.lock();
  }
  ~lock_guard() noexcept {
    lock_.unlock();
  }
  lock_guard(const lock_guard&) = delete;
  lock_guard& operator=(const lock_guard&) = delete;

 private:
  Lock& lock_;
};

}  // namespace acre
