// SPDX-License-Identifier: MIT
#include "interleavings/choices.hpp"

#include <stdlib.h>
#include <string.h>

namespace acre::test::interleavings {
namespace {

constexpr unsigned bit(unsigned thread) noexcept {
  return 1U << thread;
}

/// The lowest thread of a set that is not empty.
unsigned first_of(unsigned set) noexcept {
  return static_cast<unsigned>(__builtin_ctz(set));
}

/// Both orders of these two accesses must be tried. See explorer.hpp for why so few are.
bool in_conflict(const request& earlier, bool earlier_wrote, const request& later,
                 bool later_wrote) noexcept {
  return earlier.where == later.where &&
         ((reads(earlier.what) && later_wrote) || (earlier_wrote && reads_and_writes(later.what)));
}

}  // namespace

unsigned choices::node::preemptions_with_this() const noexcept {
  return preemptions + (thread != last && (enabled & bit(last)) != 0 ? 1 : 0);
}

void choices::begin() noexcept {
  depth_ = 0;
  memset(before_, 0, sizeof before_);
}

choices::next choices::choose(const prospects& p) {
  if (depth_ < trace_.size()) {
    return next::access;
  }
  if (p.enabled == 0) {
    return next::end;
  }
  node n;
  n.enabled = p.enabled;
  n.written = p.written;
  if (depth_ != 0) {
    const node& parent = trace_[depth_ - 1];
    n.last = parent.thread;
    n.preemptions = parent.preemptions_with_this();
    if (limits_.how != reduction::none) {
      n.asleep = (parent.asleep | parent.tried) & ~bit(n.last);
      for (unsigned t = 1; t < threads_max; ++t) {
        n.fresh_from[t] = (parent.tried & bit(t)) != 0 ? parent.written : parent.fresh_from[t];
      }
    }
  }
  n.can_go = n.enabled;
  if ((n.enabled & bit(n.last)) != 0 && n.preemptions >= limits_.preemptions) {
    n.can_go = bit(n.last);
  }
  for (unsigned sleeping = n.can_go & n.asleep; sleeping != 0; sleeping &= sleeping - 1) {
    const unsigned t = first_of(sleeping);
    if (!p.wakes(t, n.fresh_from[t])) {
      n.can_go &= ~bit(t);
    }
  }
  if (n.can_go == 0) {
    return next::repeat;
  }
  n.thread = (n.can_go & bit(n.last)) != 0 ? n.last : first_of(n.can_go);
  n.to_try = limits_.how == reduction::source_sets ? bit(n.thread) : n.can_go;
  trace_.push_back(n);
  return next::access;
}

uint32_t choices::fresh_from() const noexcept {
  const node& n = trace_[depth_];
  return (n.asleep & bit(n.thread)) != 0 ? n.fresh_from[n.thread] : 0;
}

unsigned choices::way(unsigned ways) noexcept {
  node& n = trace_[depth_];
  n.ways = ways;
  if (n.way >= ways) {
    abort();  // the scenario did not repeat itself
  }
  return n.way;
}

void choices::made(const request& r, const effect& e, unsigned step) {
  node& n = trace_[depth_];
  n.what = r;
  n.result = e;
  n.step = step;
  if (depth_ >= known_ && limits_.how == reduction::source_sets) {
    find_conflicts();
  }
  auto& mine = before_[n.thread];
  mine[n.thread] = step;
  for (size_t i = 0; reads(r.what) && i < depth_; ++i) {
    const node& writer = trace_[i];
    if (writer.thread == e.from.thread && writer.step == e.from.step) {
      for (unsigned t = 0; t < threads_max; ++t) {
        mine[t] = mine[t] < writer.before[t] ? writer.before[t] : mine[t];
      }
    }
  }
  memcpy(n.before, mine, sizeof n.before);
  ++depth_;
}

/// The access at depth_ has just been made: where another one could have come after it and not before,
/// that order shall be tried, too.
void choices::find_conflicts() {
  const node& now = trace_[depth_];
  const auto& mine = before_[now.thread];
  for (size_t i = 0; i < depth_; ++i) {
    const node& earlier = trace_[i];
    if (earlier.thread != now.thread && mine[earlier.thread] < earlier.step &&
        in_conflict(earlier.what, earlier.result.wrote, now.what, now.result.wrote)) {
      try_earlier(i);
    }
  }
}

/// The access at depth_, and what it needs, is tried before the one `at`: one of the threads that can
/// begin with that is put down there, unless one of them is already.
void choices::try_earlier(size_t at) {
  node& place = trace_[at];
  const unsigned mine = trace_[depth_].thread;
  unsigned seen = 0;
  unsigned can_begin = 0;
  std::vector<size_t> needed;
  for (size_t i = at + 1; i < depth_; ++i) {
    const node& n = trace_[i];
    if (n.depends_on(place)) {
      continue;
    }
    if ((seen & bit(n.thread)) == 0) {
      seen |= bit(n.thread);
      bool free = true;
      for (const size_t j : needed) {
        free = free && !n.depends_on(trace_[j]);
      }
      can_begin |= free ? bit(n.thread) : 0;
    }
    needed.push_back(i);
  }
  if ((seen & bit(mine)) == 0) {
    bool free = true;
    for (const size_t j : needed) {
      free = free && before_[mine][trace_[j].thread] < trace_[j].step;
    }
    can_begin |= free ? bit(mine) : 0;
  }
  if ((can_begin & place.to_try) == 0) {
    place.to_try |= (can_begin & bit(mine)) != 0 ? bit(mine) : bit(first_of(can_begin));
  }
}

bool choices::another() noexcept {
  while (!trace_.empty()) {
    node& n = trace_.back();
    known_ = trace_.size() - 1;
    if (++n.way < n.ways) {
      return true;
    }
    n.tried |= bit(n.thread);
    const unsigned left = n.to_try & n.can_go & ~n.tried;
    if (left != 0) {
      n.thread = first_of(left);
      n.way = 0;
      return true;
    }
    trace_.pop_back();
  }
  return false;
}

uint64_t choices::number() const noexcept {
  uint64_t sum = 0;
  for (const node& n : trace_) {
    uint64_t hash = n.thread * 256U + n.step;
    if (reads(n.what.what)) {
      hash = hash * 65536U + n.result.from.thread * 256U + n.result.from.step;
      hash = hash * 2U + (n.result.wrote ? 1U : 0U);
    }
    hash *= 0x9E37'79B9'7F4A'7C15U;
    hash ^= hash >> 31;
    sum += hash * 0xBF58'476D'1CE4'E5B9U;
  }
  return sum;
}

}  // namespace acre::test::interleavings
