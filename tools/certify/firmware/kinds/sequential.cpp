// SPDX-License-Identifier: MIT
// Arena and stack: blocks come back in reverse order, or all at once.
#include <acre/arena.hpp>
#include <acre/stack.hpp>

#include "../calls.hpp"

namespace acre::certify {

namespace {

template <class A>
struct arena_calls : calls<A> {
  [[gnu::noipa]] static void reset(A& a) {
    a.reset();
  }
};

using all_sizes = sizes<1, 8, 16, 24, 40, 64, 100, 128, 200, 511, 1000, 1514>;

}  // namespace

void each_subject(visitor visit) {
  for_each_level([visit]<check_level Level>(const char* level) {
    using arena_type = arena<at_level<Level>>;
    subject s = subject_of<arena_type, arena_calls<arena_type>>("arena", level, all_sizes::list);
    s.reset = entry_of(&arena_calls<arena_type>::reset);
    s.last_in_first_out = true;
    visit(s);
    s = subject_of<stack<at_level<Level>>>("stack", level, all_sizes::list);
    s.last_in_first_out = true;
    visit(s);
  });
}

}  // namespace acre::certify
