// SPDX-License-Identifier: MIT
// Specials of what can be given back down to a mark. The mark lies in the world, so that it is kept and
// brought back with the rest.
#pragma once

#include "interrupts/cases.hpp"
#include "interrupts/world.hpp"

namespace acre::test::sweep {

template <class A>
inline constexpr special takes_mark = {
    'M', special_kind::marks, true, [](void* object, void*, size_t, size_t) -> uintptr_t {
      using mark = typename A::mark_type;
      static_assert(sizeof(mark) <= sizeof(books::mark));
      *static_cast<mark*>(the_world.mark()) = as<A>(object).mark();
      return 0;
    }};

template <class A>
inline constexpr special releases = {
    'B', special_kind::forgets, true, [](void* object, void*, size_t, size_t) -> uintptr_t {
      using mark = typename A::mark_type;
      return static_cast<uintptr_t>(
          as<A>(object).release_to(*static_cast<const mark*>(the_world.mark())));
    }};

}  // namespace acre::test::sweep
