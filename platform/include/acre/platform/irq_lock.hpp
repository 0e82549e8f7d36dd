// SPDX-License-Identifier: MIT
// irq_lock: the lock policy for allocators that interrupt handlers share with the main program on
// one core. Costs three to five instructions, and cannot deadlock. docs/contexts.md has the counts.
#pragma once

#include <stdint.h>

#include <acre/config.hpp>
#include <acre/platform/irq.hpp>

namespace acre::platform {

/// Disables interrupts while locked: PRIMASK on Cortex-M, CPSR.I on Cortex-A, mstatus.MIE on RISC-V.
///
/// Has no state of its own: lock() answers what it found, for unlock(). So locks nest to any depth,
/// different ones and the same one, and each unlock restores exactly what its lock found.
///
/// Does not exclude other cores.
class irq_mask_lock {
 public:
  static constexpr bool delays_interrupts = true;

  [[nodiscard]] irq_state lock() noexcept {
    return irq_disable();
  }
  void unlock(irq_state found) noexcept {
    irq_restore(found);
  }
  /// Not in NMI and HardFault of Cortex-M, which no lock holds back.
  [[nodiscard]] bool may_lock() const noexcept {
    return irq_maskable();
  }
};

/// Holds back the interrupts whose priority is `Ceiling` or a larger number, that is, of its urgency or
/// less; more urgent ones are not delayed, and must not call an allocator with this lock (at full they
/// are refused). `Ceiling` is the value of BASEPRI: the priority in the upper bits of a byte, as in the
/// NVIC's registers. Armv7-M and Armv8-M Mainline only.
///
/// Nests as irq_mask_lock. An inner lock never lowers what an outer one has raised (BASEPRI_MAX).
/// `Cortex_m7_r0p1` works around that core's erratum 837070, in three instructions more.
template <uint32_t Ceiling, bool Cortex_m7_r0p1 = config::irq_ceiling_r0p1>
class irq_ceiling_lock {
  static_assert(has_irq_ceiling || Ceiling == 0,
                "this core has no BASEPRI: choose irq_mask_lock, or ACRE_IRQ_LOCK_MASK in Kconfig");
  static_assert(Ceiling > 0 && Ceiling < 256, "BASEPRI has 8 bits, and 0 masks nothing");

 public:
  static constexpr bool delays_interrupts = true;

  [[nodiscard]] irq_state lock() noexcept {
    return detail::irq_raise_ceiling<Cortex_m7_r0p1>(Ceiling);
  }
  void unlock(irq_state found) noexcept {
    detail::irq_restore_ceiling(found);
  }
  /// Not in a handler that is more urgent than the ceiling, and not in NMI and HardFault. About 30
  /// instructions.
  [[nodiscard]] bool may_lock() const noexcept {
    return detail::irq_below_ceiling(Ceiling);
  }
};

namespace detail {

template <uint32_t Ceiling>
struct irq_lock_of {
  using type = irq_ceiling_lock<Ceiling>;
};
template <>
struct irq_lock_of<0> {
  using type = irq_mask_lock;
};

}  // namespace detail

/// The one that the configuration chooses: CONFIG_ACRE_IRQ_LOCK_MASK or _CEILING.
using irq_lock = detail::irq_lock_of<config::irq_ceiling>::type;

}  // namespace acre::platform
