// SPDX-License-Identifier: MIT
#include <acre/detail/bits.hpp>
#include <acre/slab.hpp>

#include "../calls.hpp"
#include "../settings.hpp"

namespace acre::certify {

namespace {

// The size is a constant that the compiler sees.
template <class A, size_t Size>
struct fixed_calls : calls<A> {
  [[gnu::noipa]] static void* allocate(A& a) {
    return a.allocate(Size);
  }
  [[gnu::noipa]] static status deallocate(A& a, void* block) {
    return a.deallocate(block, Size);
  }
};

using classes = size_classes<16, 32, 48, 64, 80, 96, 112, 128>;
using class_sizes = sizes<16, 32, 48, 64, 80, 96, 112, 128>;

template <class A, class Calls = calls<A>>
void visit_slab(visitor visit, const char* name, const char* level,
                size_list list = class_sizes::list) {
  subject s = subject_of<A, Calls>(name, level, list);
  s.slab_shift = detail::floor_log2(A::slab_bytes);
  s.steady_most = list.largest();
  visit(s);
}

}  // namespace

void each_subject(visitor visit) {
  for_each_level([visit]<check_level Level>(const char* level) {
    using policies = at_level<Level>;
    using in_slab = slab<classes, policies, 512, slab_metadata::in_slab>;
    visit_slab<in_slab>(visit, "slab 512 B", level);
    visit_slab<in_slab, fixed_calls<in_slab, 64>>(visit, "slab 512 B, fixed size", level,
                                                  sizes<64>::list);
    using apart = slab<classes, policies, 512, slab_metadata::out_of_band>;
    visit_slab<apart>(visit, "slab 512 B, out of band", level);
    if constexpr (settings::region_bytes > 4096) {
      visit_slab<slab<classes, policies, 4096, slab_metadata::in_slab>>(visit, "slab 4 KiB", level);
    }
  });
}

}  // namespace acre::certify
