// SPDX-License-Identifier: MIT
// The few registers of the System Control Space that the platform uses; the same addresses on
// Armv6-M, v7-M and v8-M. Source: the Architecture Reference Manuals, "System Control Space".
#pragma once

#include <stdint.h>

namespace acre::platform::detail {

inline volatile uint32_t& scs_register(uintptr_t address) noexcept {
  return *reinterpret_cast<volatile uint32_t*>(address);
}

inline volatile uint32_t& systick_control() noexcept {
  return scs_register(0xE000E010);
}
inline volatile uint32_t& systick_reload() noexcept {
  return scs_register(0xE000E014);
}
inline volatile uint32_t& systick_value() noexcept {
  return scs_register(0xE000E018);
}
inline constexpr uint32_t systick_enable = 1U << 0;
inline constexpr uint32_t systick_interrupt = 1U << 1;
inline constexpr uint32_t systick_core_clock = 1U << 2;
inline constexpr uint32_t systick_max = 0x00FFFFFF;  // the counter has 24 bits

inline volatile uint32_t& interrupt_control() noexcept {  // ICSR
  return scs_register(0xE000ED04);
}
inline constexpr uint32_t systick_clear_pending = 1U << 25;
inline constexpr uint32_t pendsv_set_pending = 1U << 28;

// The priority of exception `number`, 4 and above: SHPR1 to SHPR3, then the NVIC's IPR.
inline uintptr_t priority_address(uint32_t number) noexcept {
  constexpr uint32_t first_configurable = 4;
  constexpr uint32_t first_external = 16;
  return number < first_external ? 0xE000ED18 + (number - first_configurable)
                                 : 0xE000E400 + (number - first_external);
}

// AIRCR: bits 10 to 8 say how many lower bits of a priority are no part of what decides.
inline uint32_t priority_grouping() noexcept {
  return (scs_register(0xE000ED0C) >> 8) & 7;
}

}  // namespace acre::platform::detail
