// SPDX-License-Identifier: MIT
// call_guard: what each member function of an allocator holds while it runs. Below full that is the
// lock and nothing else.
//
// At full it first asks whether this context may call at all, before anything changes:
//   - the lock says that it may not be taken here (context_checking_lock), for example an interrupt lock
//     in an interrupt that it does not mask, or a spin lock that this core holds;
//   - a call to the same allocator is in progress. Under a lock that excludes everybody else that is a call
//     from inside: a fault hook, a visitor, a destructor that calls its own allocator. Without a lock it
//     may as well be an interrupt handler or another thread, found as far as they meet.
// The fault hook is told of wrong_context, and the call is refused.
#pragma once

#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>
#include <acre/fault.hpp>
#include <acre/policies.hpp>

namespace acre::inline ACRE_ABI {

/// An allocator's lock. At full, where a call may not come in the middle of another one, two bytes more:
/// whether a call is in progress, and whether the hook is being told of one that was refused.
template <lock_policy Lock, check_level Level>
struct checked_lock {
  [[no_unique_address]] Lock lock;
};
template <lock_policy Lock>
requires(!detail::is_same_v<Lock, lock_free>) struct checked_lock<Lock, check_level::full> {
  [[no_unique_address]] Lock lock;
  uint8_t in_call = 0;
  uint8_t telling = 0;
};

/// For init(): the allocator begins anew, also where an earlier call was left by a hook that did not
/// return.
struct begin_anew {};

/// `whose`, the allocator, and `address` are for the fault. Requires that nothing of the allocator is used if
/// refused().
template <lock_policy Lock, check_level Level>
class [[nodiscard]] call_guard {
 public:
  [[gnu::always_inline]] inline call_guard(checked_lock<Lock, Level>& lock, const void*,
                                           const void* = nullptr) noexcept
      : guard_(lock.lock) {}
  [[gnu::always_inline]] inline call_guard(checked_lock<Lock, Level>& lock, const void*,
                                           begin_anew) noexcept
      : guard_(lock.lock) {}

  [[nodiscard]] static constexpr bool refused() noexcept {
    return false;
  }

 private:
  lock_guard<Lock> guard_;
};

namespace detail {

/// Tells the hook of wrong_context, unless it is the hook that calls: then it would be told for ever.
[[gnu::cold]] ACRE_API void refuse_context(uint8_t& telling, const void* address, const void* whose,
                                           const void* call_site) noexcept;

}  // namespace detail

template <lock_policy Lock>
requires(
    !detail::is_same_v<Lock, lock_free>) class [[nodiscard]] call_guard<Lock, check_level::full> {
  using checked = checked_lock<Lock, check_level::full>;
  using traits = detail::lock_traits<Lock>;

 public:
  // The return address is that of the allocator's function: these are inlined into it.
  [[gnu::always_inline]] inline call_guard(checked& lock, const void* whose,
                                           const void* address = nullptr) noexcept
      : lock_(lock), admitted_(enter(false)) {
    if (refused()) {
      detail::refuse_context(lock.telling, address, whose, __builtin_return_address(0));
    }
  }
  [[gnu::always_inline]] inline call_guard(checked& lock, const void* whose, begin_anew) noexcept
      : lock_(lock), admitted_(enter(true)) {
    if (refused()) {
      detail::refuse_context(lock.telling, nullptr, whose, __builtin_return_address(0));
    } else {
      lock.telling = 0;
    }
  }
  ~call_guard() noexcept {
    if (admitted_) {
      __atomic_signal_fence(__ATOMIC_SEQ_CST);
      __atomic_store_n(&lock_.in_call, uint8_t{0}, __ATOMIC_RELAXED);
      traits::unlock(lock_.lock, state_);
    }
  }
  call_guard(const call_guard&) = delete;
  call_guard& operator=(const call_guard&) = delete;

  [[nodiscard]] bool refused() const noexcept {
    return !admitted_;
  }

 private:
  bool enter(bool anew) noexcept {
    if constexpr (context_checking_lock<Lock>) {
      if (!lock_.lock.may_lock()) {
        return false;
      }
    }
    state_ = traits::lock(lock_.lock);
    if (__atomic_load_n(&lock_.in_call, __ATOMIC_RELAXED) != 0 && !anew) {
      traits::unlock(lock_.lock, state_);
      return false;
    }
    __atomic_store_n(&lock_.in_call, uint8_t{1}, __ATOMIC_RELAXED);
    // Without a lock, an interrupt handler must see the flag before the call changes anything.
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return true;
  }

  checked& lock_;
  [[no_unique_address]] typename traits::state state_{};
  bool admitted_;
};

}  // namespace acre
