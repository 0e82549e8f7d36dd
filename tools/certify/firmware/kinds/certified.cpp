// SPDX-License-Identifier: MIT
// certified, as two allocators: its heap, and its reserve within the budget.
#include <acre/certified.hpp>

#include "../calls.hpp"
#include "../settings.hpp"

namespace acre::certify {

namespace {

// About half of the region is the reserve's.
constexpr workload budget = settings::region_bytes >= 65536
                                ? workload{.peak_live = 8192, .largest = 1024, .smallest = 16}
                                : workload{.peak_live = 512, .largest = 128, .smallest = 16};

template <check_level Level>
struct audited : certified<budget, settings::region_bytes, at_level<Level>> {
  using policies_type = at_level<Level>;
};

template <class A>
struct heap_calls : calls<A> {
  [[gnu::noipa, gnu::flatten]] static void* allocate(A& a, size_t size) {
    return a.allocate({size, default_alignment});
  }
  [[gnu::noipa, gnu::flatten]] static void* allocate_aligned(A& a, size_t size, size_t align) {
    return a.allocate({size, align});
  }
  [[gnu::noipa, gnu::flatten]] static status deallocate(A& a, void* block, size_t size,
                                                        size_t align) {
    return a.deallocate(block, {size, align});
  }
};

template <class A>
struct reserve_calls : heap_calls<A> {
  [[gnu::noipa, gnu::flatten]] static void* allocate(A& a, size_t size, size_t align) {
    return a.allocate_reserved({size, align});
  }
};

using orders = sizes<16, 32, 64, 128, 256, 512, 1024>;

}  // namespace

void each_subject(visitor visit) {
  for_each_level([visit]<check_level Level>(const char* level) {
    using heap_part = heap_calls<audited<Level>>;
    subject s = subject_of<audited<Level>, heap_part>("certified", level, general_sizes::list);
    s.allocate_aligned = entry_of(&heap_part::allocate_aligned);
    s.any_size = true;
    visit(s);
    s = subject_of<audited<Level>, reserve_calls<audited<Level>>>("certified, reserve", level,
                                                                  orders::list);
    s.allocate_aligned = s.allocate;
    visit(s);
  });
}

}  // namespace acre::certify
