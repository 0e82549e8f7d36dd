// SPDX-License-Identifier: MIT
// irq on Cortex-M: PRIMASK, which every core has, and which masks all but NMI and HardFault.
#pragma once

namespace acre::platform {

inline irq_state irq_disable() noexcept {
  irq_state state;
  asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(state)::"memory");
  return state;
}

inline void irq_restore(irq_state state) noexcept {
  asm volatile("msr primask, %0" ::"r"(state) : "memory");
}

namespace detail {

inline uint32_t exception_number() noexcept {
  uint32_t number;
  asm volatile("mrs %0, ipsr" : "=r"(number));
  return number;
}

}  // namespace detail

inline bool irq_maskable() noexcept {
  constexpr uint32_t nmi = 2;
  constexpr uint32_t hard_fault = 3;
  const uint32_t number = detail::exception_number();
  return number != nmi && number != hard_fault;
}

#if __ARM_ARCH_ISA_THUMB == 2

/// Armv7-M and Armv8-M Mainline have BASEPRI; Armv6-M and Armv8-M Baseline have not.
inline constexpr bool has_irq_ceiling = true;

// Raising the priority takes effect before the next instruction: no barrier is needed (Armv7-M ARM,
// B5.2.3, "MSR"). Cortex-M7 r0p1 lets one more instruction be interrupted (erratum 837070); with PRIMASK
// set there, that one is the instruction that restores PRIMASK.
template <bool Cortex_m7_r0p1>
inline irq_state detail::irq_raise_ceiling(uint32_t ceiling) noexcept {
  irq_state state;
  if constexpr (Cortex_m7_r0p1) {
    uint32_t mask;
    asm volatile(
        "mrs %0, basepri\n\tmrs %1, primask\n\tcpsid i\n\tmsr basepri_max, %2\n\tmsr primask, %1"
        : "=&r"(state), "=&r"(mask)
        : "r"(ceiling)
        : "memory");
  } else {
    asm volatile("mrs %0, basepri\n\tmsr basepri_max, %1" : "=&r"(state) : "r"(ceiling) : "memory");
  }
  return state;
}

inline void detail::irq_restore_ceiling(irq_state state) noexcept {
  asm volatile("msr basepri, %0" ::"r"(state) : "memory");
}

#else
inline constexpr bool has_irq_ceiling = false;
#endif

inline bool irq_enabled() noexcept {
  irq_state state;
  asm volatile("mrs %0, primask" : "=r"(state)::"memory");
  return state == 0;
}

}  // namespace acre::platform
