// SPDX-License-Identifier: MIT
// Heaps. The driver builds this twice: without slabs in front, and with slabs for small requests.
#include <acre/heap.hpp>

#include "../calls.hpp"
#include "../settings.hpp"

namespace acre::certify {

namespace {

template <class A>
struct heap_calls : calls<A> {
  [[gnu::noipa]] static status deallocate_unsized(A& a, void* block) {
    return a.deallocate(block);
  }
  [[gnu::noipa]] static bool try_resize(A& a, void* block, size_t size) {
    return a.try_resize(block, size);
  }
  [[gnu::noipa]] static void* reallocate(A& a, void* block, size_t size, size_t align) {
    return a.reallocate(block, size, align);
  }
};

}  // namespace

void each_subject(visitor visit) {
  for_each_level([visit]<check_level Level>(const char* level) {
    using heap_type = heap<settings::region_bytes, at_level<Level>, ACRE_CERTIFY_SMALL_LIMIT>;
    using calls_type = heap_calls<heap_type>;
    subject s = subject_of<heap_type, calls_type>(ACRE_CERTIFY_NAME, level, general_sizes::list);
    s.allocate_aligned = s.allocate;
    s.deallocate_unsized = entry_of(&calls_type::deallocate_unsized);
    s.try_resize = entry_of(&calls_type::try_resize);
    s.reallocate = entry_of(&calls_type::reallocate);
    s.any_size = true;
    visit(s);
  });
}

}  // namespace acre::certify
