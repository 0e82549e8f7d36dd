// SPDX-License-Identifier: MIT
#include "interrupts/pool_families.hpp"

namespace acre::test::sweep {

constexpr family families[] = {
    pool_family<24, check_level::none>("pool of 24, none"),
    pool_family<24, check_level::basic>("pool of 24, basic"),
    pool_family<24, check_level::full>("pool of 24, full"),
    pool_family<40, check_level::basic>("pool of 40, basic"),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
