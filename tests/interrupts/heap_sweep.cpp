// SPDX-License-Identifier: MIT
#include "interrupts/heap_families.hpp"

namespace acre::test::sweep {

namespace {

template <check_level Level>
constexpr family family_of(const char* name) {
  return heap_family<heap<small_heap, shared<Level>, 0>, Level>(name, 768);
}

}  // namespace

constexpr family families[] = {
    family_of<check_level::none>("heap, none"),
    family_of<check_level::basic>("heap, basic"),
    family_of<check_level::full>("heap, full"),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
