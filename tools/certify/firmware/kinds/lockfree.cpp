// SPDX-License-Identifier: MIT
// What needs no lock: pools with atomic operations, and the box for remote frees as if it were a pool.
#include <acre/lockfree_pool.hpp>
#include <acre/per_core_pool.hpp>
#include <acre/platform/core_pin.hpp>
#include <acre/remote_inbox.hpp>

#include "../calls.hpp"

namespace acre::certify {

namespace {

constexpr uint16_t size = 32;

template <class A>
struct block_calls : calls<A> {
  [[gnu::noipa, gnu::flatten]] static void* allocate(A& a) {
    return a.allocate();
  }
  [[gnu::noipa, gnu::flatten]] static status deallocate(A& a, void* block) {
    return a.deallocate(block);
  }
};

// Allocating is popping, freeing is pushing.
struct box : remote_inbox {
  using policies_type = policies<lock_free, checks_none, no_observer>;

  status init(region memory) noexcept {
    while (pop() != nullptr) {
    }
    auto* const blocks = static_cast<unsigned char*>(memory.begin);
    for (size_t i = memory.size / size; i-- > 0;) {
      push(blocks + i * size);
    }
    return status::ok;
  }
};

struct box_calls : calls<box> {
  [[gnu::noipa, gnu::flatten]] static void* allocate(box& a) {
    return a.pop();
  }
  [[gnu::noipa, gnu::flatten]] static void deallocate(box& a, void* block) {
    a.push(block);
  }
};

template <class A>
void visit_pool(visitor visit, const char* name, const char* level) {
  visit(subject_of<A, block_calls<A>>(name, level, sizes<size>::list));
}

}  // namespace

void each_subject(visitor visit) {
  for_each_level([visit]<check_level Level>(const char* level) {
    visit_pool<lockfree_pool<size, checks<Level>>>(visit, "lockfree_pool<32>", level);
    visit_pool<per_core_pool<size, 1, platform::core_pin, checks<Level>>>(
        visit, "per_core_pool<32>", level);
  });
  subject s = subject_of<box, box_calls>("remote_inbox", "none", sizes<size>::list);
  s.returns_status = false;
  visit(s);
}

}  // namespace acre::certify
