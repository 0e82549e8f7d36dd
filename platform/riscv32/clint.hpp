// SPDX-License-Identifier: MIT
// clint: the interrupt controller of each hart, and what a hart's software interrupt stands for: one that
// raise_interrupt asked for, or an event of another hart.
#pragma once

#include <stdint.h>

#include <acre/platform/cores.hpp>

namespace acre::platform::detail {

/// At the address that QEMU's virt and SiFive's cores share.
inline volatile uint32_t& clint(uintptr_t offset) noexcept {
  return *reinterpret_cast<volatile uint32_t*>(0x02000000 + offset);
}

inline volatile uint32_t& software_interrupt(uint32_t hart) noexcept {  // msip
  return clint(4 * hart);
}

struct hart {
  volatile uint32_t raised;  // by raise_interrupt, not yet taken
  volatile uint32_t event;   // since the last wait_for_event
  volatile bool in_trap;     // between the entry and the end of acre_trap
};
extern hart harts[core_count];  // each written by its own hart only

}  // namespace acre::platform::detail
