// SPDX-License-Identifier: MIT
// gic: the interrupt controller, GICv2, at the addresses of QEMU's virt.
// Source: Arm IHI 0048, "Generic Interrupt Controller Architecture version 2".
#pragma once

#include <stdint.h>

#include <acre/platform/cores.hpp>

namespace acre::platform::detail {

inline constexpr uint32_t gic_software = 0;  // SGI 0: raise_interrupt
inline constexpr uint32_t gic_event = 1;     // SGI 1: send_event
inline constexpr uint32_t gic_timer = 27;    // PPI: the virtual timer

inline volatile uint32_t& gic_distributor(uintptr_t offset) noexcept {
  return *reinterpret_cast<volatile uint32_t*>(0x08000000 + offset);
}
inline volatile uint32_t& gic_interface(uintptr_t offset) noexcept {  // each core sees its own
  return *reinterpret_cast<volatile uint32_t*>(0x08010000 + offset);
}

/// Of each core: an event since its last wait_for_event. Written by that core only.
extern volatile uint32_t event_seen[core_count];

/// Lets this core take the three interrupts.
inline void start_gic() noexcept {
  gic_distributor(0x100) =
      1U << gic_software | 1U << gic_event | 1U << gic_timer;  // GICD_ISENABLER0, this core's
  gic_distributor(0x000) = 1;                                  // GICD_CTLR
  gic_interface(0x004) = 0xFF;                                 // GICC_PMR: all priorities
  gic_interface(0x000) = 1;                                    // GICC_CTLR
}

inline void gic_raise_here() noexcept {
  gic_distributor(0xF00) = 2U << 24 | gic_software;  // GICD_SGIR: only this core
}

inline void gic_raise_elsewhere() noexcept {
  gic_distributor(0xF00) = 1U << 24 | gic_event;  // all cores but this one
}

/// The interrupt to serve; gic_end must follow.
inline uint32_t gic_begin() noexcept {
  return gic_interface(0x00C);  // GICC_IAR
}
inline void gic_end(uint32_t acknowledged) noexcept {
  gic_interface(0x010) = acknowledged;  // GICC_EOIR
}

/// True from gic_begin to gic_end, by the priority that runs.
inline bool gic_active() noexcept {
  constexpr uint32_t idle = 0xFF;
  return gic_interface(0x014) != idle;  // GICC_RPR
}

}  // namespace acre::platform::detail
