// SPDX-License-Identifier: MIT
// Integer arithmetic that every engine shares: powers of two, bit scans, and exact division by a
// constant without a divide instruction.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::detail {

inline constexpr unsigned size_bits = sizeof(size_t) * 8;

/// One comparison, zero included: n ^ (n - 1) has one bit more than n - 1 only for a power of two.
constexpr bool is_power_of_two(size_t n) noexcept {
  return (n ^ (n - 1)) > n - 1;
}
static_assert(!is_power_of_two(0) && is_power_of_two(1) && is_power_of_two(8) &&
              !is_power_of_two(12) && is_power_of_two(SIZE_MAX / 2 + 1));

/// Largest power of two that divides `n`; 0 for 0.
constexpr size_t lowest_bit(size_t n) noexcept {
  return n & (~n + 1);
}

constexpr unsigned trailing_zeros(uint32_t n) noexcept {
  return static_cast<unsigned>(__builtin_ctz(n));
}

constexpr unsigned leading_zeros(uint32_t n) noexcept {
  return static_cast<unsigned>(__builtin_clz(n));
}

constexpr unsigned trailing_zeros_word(size_t n) noexcept {
  if constexpr (sizeof(size_t) == sizeof(unsigned long long)) {
    return static_cast<unsigned>(__builtin_ctzll(n));
  } else {
    return static_cast<unsigned>(__builtin_ctz(static_cast<unsigned>(n)));
  }
}

/// floor(log2(n)); n must not be 0.
constexpr unsigned floor_log2(size_t n) noexcept {
  if constexpr (sizeof(size_t) == sizeof(unsigned long long)) {
    return 63U - static_cast<unsigned>(__builtin_clzll(n));
  } else {
    return 31U - static_cast<unsigned>(__builtin_clz(static_cast<unsigned>(n)));
  }
}

#if (defined(__arm__) && !defined(__ARM_FEATURE_CLZ)) || (defined(__riscv) && !defined(__riscv_zbb))
// libgcc's, which the builtin calls, too: there it is defined for 0.
extern "C" [[gnu::const]] int __clzsi2(unsigned n) noexcept;

/// All bits for 0.
inline unsigned leading_zeros_word(size_t n) noexcept {
  return static_cast<unsigned>(__clzsi2(static_cast<unsigned>(n)));
}
#else
/// All bits for 0, without an instruction for it where there is one that counts.
constexpr unsigned leading_zeros_word(size_t n) noexcept {
  if constexpr (sizeof(size_t) == sizeof(unsigned long long)) {
    return n == 0 ? 64U : static_cast<unsigned>(__builtin_clzll(n));
  } else {
    return n == 0 ? 32U : static_cast<unsigned>(__builtin_clz(static_cast<unsigned>(n)));
  }
}
#endif

/// ceil(log2(n)); 0 for 0 and 1.
constexpr unsigned ceil_log2(size_t n) noexcept {
  return n <= 1 ? 0U : floor_log2(n - 1) + 1U;
}

constexpr size_t round_down(size_t n, size_t power_of_two) noexcept {
  return n & ~(power_of_two - 1);
}

/// The caller makes sure that the sum does not overflow.
constexpr size_t round_up(size_t n, size_t power_of_two) noexcept {
  return (n + power_of_two - 1) & ~(power_of_two - 1);
}

constexpr uint32_t rotate_right(uint32_t value, unsigned count) noexcept {
  return (value >> (count & 31U)) | (value << ((0U - count) & 31U));
}

constexpr size_t rotate_right_word(size_t value, unsigned count) noexcept {
  return (value >> (count & (size_bits - 1))) | (value << ((0U - count) & (size_bits - 1)));
}

/// Bit `n mod 32` of a word, counted from the top. With the first item in the top bit, "the first that
/// is set" is one count of leading zeros.
[[gnu::always_inline]] constexpr uint32_t bit_from_top(size_t n) noexcept {
#if defined(__thumb2__)
  // ROR takes its count modulo 32 by itself, which no C++ expression tells gcc 12.
  if (!__builtin_is_constant_evaluated()) {
    uint32_t bit = 0;
    __asm__("ror %0, %1, %2" : "=r"(bit) : "r"(0x8000'0000U), "r"(n));
    return bit;
  }
#endif
  return rotate_right(0x8000'0000U, static_cast<unsigned>(n & 31U));
}

/// Replaces the low half of `word` by that of `low`.
template <class Word>
[[gnu::always_inline]] inline void set_low_half(Word& word, Word low) noexcept {
#if defined(__thumb2__)
  if constexpr (sizeof(Word) == sizeof(uint32_t)) {
    // One instruction and no mask: gcc 12 loads 0xFFFF0000 from memory and ANDs.
    __asm__ volatile("bfi %0, %1, #0, #16" : "+r"(word) : "r"(low));
    return;
  }
#endif
  constexpr Word mask = (Word{1} << (sizeof(Word) * 4)) - 1;
  word = (word & ~mask) | (low & mask);
}

/// n - 1, and 0 for 0. Written as a borrow, which gcc 12 subtracts on Arm without a branch or a
/// conditional.
constexpr size_t one_less(size_t n) noexcept {
  size_t negated = 0;
  const bool borrow = __builtin_sub_overflow(size_t{0}, n, &negated);
  return n - (borrow ? 1U : 0U);
}
static_assert(one_less(0) == 0 && one_less(1) == 0 && one_less(SIZE_MAX) == SIZE_MAX - 1);

/// Hides from the compiler where `value` came from, so that it does not keep a derived one (such as
/// `value - 2`) in a second register. Costs no instruction.
template <class T>
[[gnu::always_inline]] inline void forget_origin(T& value) noexcept {
  __asm__("" : "+r"(value));
}

/// Has both in registers here, so that neighbours in memory are loaded, or stored, by one access of two
/// words: gcc 12 by itself puts other instructions between the two. Costs no instruction.
[[gnu::always_inline]] inline void gather(uint32_t& a, uint32_t& b) noexcept {
  __asm__ volatile("" : "+r"(a), "+r"(b));
}

/// n / d by shift and subtract, for set-up code on cores without a divide instruction, where the
/// compiler's library routine would cost several hundred bytes. At most one step a bit.
constexpr size_t divide(size_t n, size_t d) noexcept {
#if defined(__ARM_ARCH) && !defined(__ARM_FEATURE_IDIV)
  size_t quotient = 0;
  for (unsigned step = size_bits; step-- > 0;) {
    if ((n >> step) >= d) {
      n -= d << step;
      quotient |= size_t{1} << step;
    }
  }
  return quotient;
#else
  return n / d;
#endif
}

/// Tells whether an offset is an exact multiple of a size, and which one, in a multiply and a
/// rotate: with size = odd * 2^shift, offset * odd^-1 (mod 2^w) rotated right by shift is the
/// quotient when the division is exact, and larger than any quotient when it is not.
/// So `index(offset) < count` refuses foreign, interior and misaligned offsets at once.
/// Source: Granlund and Montgomery, "Division by Invariant Integers using Multiplication" (1994),
/// section 9.
struct exact_divisor {
  size_t inverse;
  unsigned shift;

  static constexpr exact_divisor of(size_t size) noexcept {
    const unsigned shift = trailing_zeros_word(size);
    const size_t odd = size >> shift;
    size_t inverse = odd;  // right to 3 bits; each Newton step doubles that: 6, 12, 24, 48, 96
    for (int step = 0; step < 5; ++step) {
      inverse *= 2 - odd * inverse;
    }
    return {inverse, shift};
  }

  [[nodiscard]] constexpr size_t index(size_t offset) const noexcept {
    return rotate_right_word(offset * inverse, shift);
  }

  /// The same for an offset that is known to be a multiple: a shift, which compilers can merge with
  /// what follows.
  [[nodiscard]] constexpr size_t quotient(size_t multiple) const noexcept {
    return (multiple * inverse) >> shift;
  }
};

static_assert(exact_divisor::of(40).index(120) == 3);
static_assert(exact_divisor::of(40).index(121) > 1'000'000);
static_assert(exact_divisor::of(64).index(64 + 32) > 1'000'000);

}  // namespace acre::detail
