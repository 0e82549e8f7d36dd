// SPDX-License-Identifier: MIT
// micro, with what is made for threads, called by one: what a cache saves, and a mutex costs, where nobody waits.
#include "micro_patterns.hpp"
#include "thread_subjects.hpp"

namespace bench {
namespace {

/// One that all patterns share, as an object.
template <class Shared>
struct shared_subject {
  void* take() {
    return Shared::take();
  }
  void give(void* block) {
    Shared::give(block);
  }
};

template <size_t Size>
void add_size() {
  for (const pattern p : {pattern::pairs, pattern::lifo, pattern::fifo, pattern::random}) {
    add<shared_subject<cached_heap<Size, acre::checks_none>>>("cached heap none", Size, p);
    add<shared_subject<cached_heap<Size, acre::checks_basic>>>("cached heap basic", Size, p);
    add<shared_subject<locked_heap<Size, acre::checks_basic>>>("heap basic, mutex", Size, p);
  }
}

[[maybe_unused]] const bool added = [] {
  further_subjects().push_back([] {
    add_size<16>();
    add_size<64>();
    add_size<256>();
    add_size<1024>();
  });
  return true;
}();

}  // namespace
}  // namespace bench
