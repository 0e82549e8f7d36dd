// SPDX-License-Identifier: MIT
// policies: how an allocator locks, checks and is watched. One template argument carries all three.
#pragma once

#include <acre/check_level.hpp>
#include <acre/concepts.hpp>
#include <acre/config.hpp>
#include <acre/detail/abi.hpp>
#include <acre/observers.hpp>

namespace acre::inline ACRE_ABI {

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

namespace detail {

struct no_state {};

/// Both forms of a lock as one.
template <lock_policy Lock>
struct lock_traits {
  using state = no_state;

  [[gnu::always_inline]] static inline state lock(Lock& lock) noexcept {
    lock.lock();
    return {};
  }
  [[gnu::always_inline]] static inline void unlock(Lock& lock, state) noexcept {
    lock.unlock();
  }
};
template <state_lock Lock>
struct lock_traits<Lock> {
  static Lock& some_lock() noexcept;  // for the next line only
  using state = decltype(some_lock().lock());

  [[gnu::always_inline]] static inline state lock(Lock& lock) noexcept {
    return lock.lock();
  }
  [[gnu::always_inline]] static inline void unlock(Lock& lock, const state& found) noexcept {
    lock.unlock(found);
  }
};

}  // namespace detail

/// Holds a lock for a scope.
template <lock_policy Lock>
class [[nodiscard]] lock_guard {
  using traits = detail::lock_traits<Lock>;

 public:
  [[gnu::always_inline]] inline explicit lock_guard(Lock& lock) noexcept
      : lock_(lock), state_(traits::lock(lock)) {}
  [[gnu::always_inline]] inline ~lock_guard() noexcept {
    traits::unlock(lock_, state_);
  }
  lock_guard(const lock_guard&) = delete;
  lock_guard& operator=(const lock_guard&) = delete;

 private:
  Lock& lock_;
  [[no_unique_address]] typename traits::state state_;
};

/// Two locks as one, taken in this order and released in the other: `both<irq_lock, spin_lock>` keeps
/// this core's interrupts out before it waits for another core.
template <lock_policy First, lock_policy Second>
class both {
  using first_traits = detail::lock_traits<First>;
  using second_traits = detail::lock_traits<Second>;

 public:
  static constexpr bool delays_interrupts =
      interrupt_delaying_lock<First> || interrupt_delaying_lock<Second>;

  struct state {
    [[no_unique_address]] typename first_traits::state first;
    [[no_unique_address]] typename second_traits::state second;
  };

  [[nodiscard]] state lock() noexcept {
    const auto first = first_traits::lock(first_);
    return {first, second_traits::lock(second_)};
  }
  void unlock(const state& found) noexcept {
    second_traits::unlock(second_, found.second);
    first_traits::unlock(first_, found.first);
  }
  /// Where both may be taken. A lock that does not know may always be taken.
  [[nodiscard]] bool may_lock() const noexcept {
    return may_lock(first_) && may_lock(second_);
  }

 private:
  template <class Lock>
  static bool may_lock(const Lock& lock) noexcept {
    if constexpr (context_checking_lock<Lock>) {
      return lock.may_lock();
    } else {
      return true;
    }
  }

  [[no_unique_address]] First first_;
  [[no_unique_address]] Second second_;
};

}  // namespace acre
