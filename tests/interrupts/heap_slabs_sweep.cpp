// SPDX-License-Identifier: MIT
#include "interrupts/heap_families.hpp"

namespace acre::test::sweep {

namespace {

template <check_level Level>
constexpr family family_of(const char* name) {
  family made = heap_family<heap<small_heap, shared<Level>, 24>, Level>(name, 1024);
  made.keeps_blocks = true;
  made.steps_below = 24 + 1;  // a slab may be taken, or given back
  return made;
}

}  // namespace

constexpr family families[] = {
    family_of<check_level::none>("heap with slabs, none"),
    family_of<check_level::basic>("heap with slabs, basic"),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
