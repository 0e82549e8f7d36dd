// SPDX-License-Identifier: MIT
// The test of the sweep by a second core: what keeps interrupts out only must be found, and what is made for
// several cores must not.
#include "interrupts/planted.hpp"

#include <acre/platform/ticket_lock.hpp>

namespace acre::test::sweep {

namespace {

using native_pool = unwatched<lockfree_pool<24, checks_none>, check_level::none>;

}  // namespace

// sweep.py --planted: a violation in each scenario, and none where nothing is planted.
constexpr family families[] = {
    family_of<pool_with<platform::irq_spin_lock>>("nothing planted", allocate_and_back),
    family_of<pool_with<platform::ticket_lock>>("nothing planted", allocate_and_back),
    never_waits(family_of<native_pool>("nothing planted", lock_free)),
    never_waits(family_of<pool_with<no_lock>>("no lock", allocate_and_back)),
    never_waits(
        family_of<pool_with<platform::irq_lock>>("a lock for interrupts only", allocate_and_back)),
    family_of<pool_that_stores_late<platform::irq_spin_lock>>("a store after the unlock",
                                                              allocate_from_the_list),
    never_waits(family_of<lockfree_with<torn_atomics>>("an atomic operation in two halves",
                                                       allocate_and_back)),
    never_waits(family_of<pool_with<platform::spin_lock>>("a lock where there should be none",
                                                          allocate_and_back)),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
