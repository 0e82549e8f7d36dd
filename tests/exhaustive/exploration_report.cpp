// SPDX-License-Identifier: MIT
// A sequence of calls that breaks a law, as a person reads it.
#include "exhaustive/exploration.hpp"

namespace acre::test::exhaustive {

void exploration::print_call(unsigned number, const move& m) const {
  const layout& wanted = t_.requests[m.request];
  print("    ");
  print(uint64_t{number});
  switch (m.what) {
    case call::allocate:
      print("  allocate(");
      break;
    case call::deallocate:
      print("  deallocate(");
      break;
    case call::deallocate_unsized:
      print("  deallocate, without a size (");
      break;
    case call::try_resize:
      print("  try_resize(");
      break;
    case call::extend_left:
      print("  try_extend_left(");
      break;
    case call::reallocate:
      print("  reallocate(");
      break;
    case call::release:
      print("  release_to(the mark before ");
      break;
    case call::reset:
      print("  reset(");
      break;
  }
  const bool has_victim = m.what != call::allocate && m.what != call::reset;
  if (has_victim && m.victim < held_.count) {
    const block& b = held_.of[m.victim];
    print_offset(b.begin);
    print(", of ");
    print(uint64_t{b.size});
  }
  if (m.what == call::allocate || m.what == call::reallocate || m.what == call::try_resize ||
      m.what == call::extend_left) {
    print(has_victim ? ", to " : "");
    print(uint64_t{wanted.size});
    if (m.what == call::allocate || m.what == call::reallocate) {
      print(", align ");
      print(uint64_t{wanted.align});
    }
  }
  print(")");
}

void exploration::print_path() {
  const outcome said = result;
  printing_ = true;
  restore(origin);
  for (unsigned i = 0; i < path_length_; ++i) {
    print_call(i + 1, path_[i]);
    const holdings before = held_;
    repeating_ = true;
    static_cast<void>(apply(path_[i]));
    repeating_ = false;
    if (path_[i].what == call::allocate || path_[i].what == call::reallocate) {
      for (size_t k = 0; k < held_.count; ++k) {
        if (k >= before.count || held_.of[k].begin != before.of[k].begin) {
          print(" -> ");
          print_offset(held_.of[k].begin);
          break;
        }
      }
    }
    print("\n");
  }
  if (said.probed) {
    print("    then: size ");
    print(uint64_t{said.tried.size});
    print(", align ");
    print(uint64_t{said.tried.align});
    print(", address ");
    print_offset(static_cast<const unsigned char*>(s_.memory.begin) + said.tried_at);
    print("\n");
  }
  result = said;
  printing_ = false;
}

void print_summary(const task& t, const outcome& o) {
  print("  ");
  print_line(t.ops->name, ": ", uint64_t{o.states}, " states, ", o.transitions, " calls, ",
             o.misuses, " bad calls, depth ", uint64_t{o.depth},
             o.closed ? ", closed: every sequence of any length"
             : o.full ? ", out of memory"
                      : "");
}

}  // namespace acre::test::exhaustive
