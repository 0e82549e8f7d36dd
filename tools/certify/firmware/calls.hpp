// SPDX-License-Identifier: MIT
// calls: acre's allocators as subjects. Each call is out of line and takes the allocator as an argument,
// as a product's would; nothing is known of it at compile time but its type. Flattened, so that what is
// counted is the member function, and not a call of it.
#pragma once

#include <acre/check_level.hpp>
#include <acre/detail/meta.hpp>
#include <acre/policies.hpp>
#include <acre/status.hpp>

#include "section_meter.hpp"
#include "settings.hpp"
#include "subject.hpp"

namespace acre::certify {

template <check_level Level>
using at_level = policies<detail::conditional_t<settings::locked, metered_lock, no_lock>,
                          checks<Level>, no_observer>;

template <class A>
struct calls {
  [[gnu::noipa, gnu::flatten]] static status init(A& a, void* begin, size_t size) {
    return a.init({begin, size});
  }
  [[gnu::noipa, gnu::flatten]] static void* allocate(A& a, size_t size, size_t align) {
    return a.allocate(size, align);
  }
  [[gnu::noipa, gnu::flatten]] static status deallocate(A& a, void* block, size_t size,
                                                        size_t align) {
    return a.deallocate(block, size, align);
  }
};

template <uint16_t... Sizes>
struct sizes {
  static constexpr uint16_t values[] = {Sizes...};
  static constexpr size_list list = {values, sizeof...(Sizes)};
};

/// For allocators that serve any size.
using general_sizes =
    sizes<1, 8, 16, 24, 40, 64, 100, 128, 200, 256, 400, 511, 1000, 1514, 4000, 16000, 32000>;

/// `name` at `level`; the allocator object is a variable of its own for each type and each Calls.
template <class A, class Calls = calls<A>>
subject subject_of(const char* name, const char* level, size_list list) {
  static constinit A object;
  subject s;
  s.name = name;
  s.level = level;
  s.object = &object;
  s.control_bytes = sizeof(A);
  s.init = entry_of(&Calls::init);
  s.allocate = entry_of(&Calls::allocate);
  s.deallocate = entry_of(&Calls::deallocate);
  s.sizes = list;
  // Its calls fill what they free: each takes as long as the block is large, in whatever state.
  s.effort = A::policies_type::level == check_level::full ? 4 : 1;
  return s;
}

/// f.operator()<Level>(name) for each check level; not `full` for a trace, which would be long with the
/// fills of whole regions and have no other instructions to compare, nor with a lock, because nobody
/// keeps interrupts waiting for a fill.
template <class Function>
void for_each_level(Function f) {
  f.template operator()<check_level::none>("none");
  f.template operator()<check_level::basic>("basic");
  if constexpr (!settings::tracing && !settings::locked) {
    f.template operator()<check_level::full>("full");
  }
}

}  // namespace acre::certify
