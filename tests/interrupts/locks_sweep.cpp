// SPDX-License-Identifier: MIT
// Every lock for several cores; the other sweeps have irq_spin_lock. A second core finds it taken, and waits.
#include "interrupts/pool_families.hpp"

#include <acre/platform/ticket_lock.hpp>

namespace acre::test::sweep {

constexpr family families[] = {
    pool_family<24, check_level::none, platform::spin_lock>("pool, spin_lock"),
    pool_family<24, check_level::none, platform::ticket_lock>("pool, ticket_lock"),
    pool_family<24, check_level::basic, platform::irq_ticket_lock>("pool, irq_ticket_lock"),
    pool_family<24, check_level::full, platform::irq_ticket_lock>("pool, irq_ticket_lock, full"),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
