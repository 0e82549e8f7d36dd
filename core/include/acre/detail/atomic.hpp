// SPDX-License-Identifier: MIT
// atomic: the few atomic operations that core needs, over the compiler's builtins. Core includes no C++
// standard header, and tests put an instrumented set in the place of this one.
//
// Cores without atomic instructions (Armv6-M, RV32 without A) get the builtins as library calls, which
// the platform answers with interrupts disabled for the length of one operation.
#pragma once

#include <stdint.h>

#include <acre/detail/abi.hpp>

// An M-profile core has an exclusive monitor that only a store of its own, an exception or another
// master's store to the address clears: reading a link between LDREX and STREX is safe there, and four
// instructions shorter than a comparison in software. A-profile monitors may clear for any access.
#if defined(__arm__) && __ARM_ARCH_PROFILE == 'M' && defined(__ARM_FEATURE_LDREX) && \
    (__ARM_FEATURE_LDREX & 4) != 0
#define ACRE_EXCLUSIVE_MONITOR 1
#endif

namespace acre::inline ACRE_ABI::detail {

/// Names as in the C++ memory model.
enum class order : int {
  relaxed = __ATOMIC_RELAXED,
  acquire = __ATOMIC_ACQUIRE,
  release = __ATOMIC_RELEASE,
  acq_rel = __ATOMIC_ACQ_REL,
};

/// What of an order is left for a load.
template <order Order>
inline constexpr order load_half =
    Order == order::acquire || Order == order::acq_rel ? order::acquire : order::relaxed;

/// What a lock-free engine takes as its `Atomics`. `Smp`: several cores share the objects; matters on
/// M-profile cores only, where barriers are instructions of their own.
template <bool Smp>
struct native_atomics {
  static_assert(
      !Smp || __atomic_always_lock_free(sizeof(uint32_t), nullptr),
      "cores that share memory need atomic instructions: masking interrupts is not enough");

  /// An object of an unsigned integer or of a pointer.
  template <class T>
  class cell {
   public:
    constexpr cell() noexcept = default;
    constexpr explicit cell(T value) noexcept : value_(value) {}
    cell(const cell&) = delete;
    cell& operator=(const cell&) = delete;

    template <order Order>
    [[nodiscard]] T load() const noexcept {
#if defined(ACRE_EXCLUSIVE_MONITOR)
      // Plain, between barriers: gcc 12 widens what the builtin returns once more, and orders for several
      // cores even where there is one.
      __asm__ volatile("" ::: "memory");
      const T value = value_;
      behind<Order>();
      return value;
#else
      return __atomic_load_n(&value_, static_cast<int>(Order));
#endif
    }

    template <order Order>
    void store(T value) noexcept {
#if defined(ACRE_EXCLUSIVE_MONITOR)
      before<Order>();
      value_ = value;
      __asm__ volatile("" ::: "memory");
#else
      __atomic_store_n(&value_, value, static_cast<int>(Order));
#endif
    }

    /// Stores `value`; returns what was there.
    template <order Order>
    [[nodiscard, gnu::always_inline]] inline T exchange(T value) noexcept {
#if defined(ACRE_EXCLUSIVE_MONITOR)
      T found;
      update<Order>([&](T& word) {
        found = word;
        word = value;
        return true;
      });
      return found;
#else
      return __atomic_exchange_n(&value_, value, static_cast<int>(Order));
#endif
    }

    /// For words of bits, of what runs on hosts: stores the value with these set, or with only these left; returns what
    /// was there.
    template <order Order>
    [[gnu::always_inline]] inline T fetch_or(T bits) noexcept {
      return __atomic_fetch_or(&value_, bits, static_cast<int>(Order));
    }
    template <order Order>
    [[gnu::always_inline]] inline T fetch_and(T bits) noexcept {
      return __atomic_fetch_and(&value_, bits, static_cast<int>(Order));
    }

    /// Stores `desired` iff the value is `expected`, which is else set to the value. May also fail
    /// without a reason. What is loaded on failure has the order load_half<Success>.
    template <order Success>
    [[nodiscard]] bool compare_exchange(T& expected, T desired) noexcept {
      return __atomic_compare_exchange_n(&value_, &expected, desired, true,
                                         static_cast<int>(Success),
                                         static_cast<int>(load_half<Success>));
    }

    /// Changes the value by change(word), in place, tried again until nobody came in between; leaves
    /// it, and returns false, where change answers false. `change` may be called several times, and
    /// what it writes elsewhere must not matter until one of its results is the value.
    template <order Success, class Change>
    [[gnu::always_inline]] inline bool update(Change&& change) noexcept {
#if defined(ACRE_EXCLUSIVE_MONITOR)
      before<Success>();
      // In this register, because gcc 12 would rather save another one than take it.
      register uint32_t lost __asm__("ip");
      do {
        T word;
        if constexpr (sizeof(T) == sizeof(uint32_t)) {
          __asm__ volatile("ldrex %0, %1" : "=r"(word) : "Q"(value_));
        } else {
          static_assert(sizeof(T) == sizeof(uint16_t));
          __asm__ volatile("ldrexh %0, %1" : "=r"(word) : "Q"(value_));
        }
        if (!change(word)) {
          return false;  // an exclusive load that no store follows does no harm
        }
        if constexpr (sizeof(T) == sizeof(uint32_t)) {
          __asm__ volatile("strex %0, %2, %1" : "=&r"(lost), "=Q"(value_) : "r"(word) : "memory");
        } else {
          __asm__ volatile("strexh %0, %2, %1" : "=&r"(lost), "=Q"(value_) : "r"(word) : "memory");
        }
      } while (__builtin_expect(lost != 0, 0));
      behind<Success>();
      return true;
#else
      T seen = load<load_half<Success>>();
      for (;;) {
        T word = seen;
        if (!change(word)) {
          return false;
        }
        if (compare_exchange<Success>(seen, word)) {
          return true;
        }
      }
#endif
    }

   private:
#if defined(ACRE_EXCLUSIVE_MONITOR)
    /// Orders what is before against what is behind. One core sees its own accesses in order, interrupt
    /// handlers included: there, keeping the compiler from moving them is all.
    static void fence() noexcept {
      if constexpr (Smp) {
        __asm__ volatile("dmb ish" ::: "memory");
      } else {
        __asm__ volatile("" ::: "memory");
      }
    }
    template <order Order>
    static void before() noexcept {
      if constexpr (Order == order::release || Order == order::acq_rel) {
        fence();
      }
    }
    template <order Order>
    static void behind() noexcept {
      if constexpr (Order == order::acquire || Order == order::acq_rel) {
        fence();
      }
    }
#endif

    T value_ = T{};
  };
};

}  // namespace acre::detail
