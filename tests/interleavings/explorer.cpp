// SPDX-License-Identifier: MIT
#include "interleavings/explorer.hpp"

#include "interleavings/fiber.hpp"
#include "interleavings/journal.hpp"
#include "support/report.hpp"

#include <stdlib.h>

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

/// One access in the current execution, and what has been tried in its place.
struct node {
  // The choice: who, and which of its ways.
  unsigned thread = 0;
  unsigned way = 0;
  unsigned ways = 0;
  // Sets of threads. A sleeping one may only read what is not older than fresh_from.
  unsigned enabled = 0;
  unsigned to_try = 0;
  unsigned tried = 0;
  unsigned asleep = 0;
  unsigned can_go = 0;
  uint32_t fresh_from[threads_max] = {};
  uint32_t written = 0;
  unsigned last = 0;         // thread that made an access; it goes on, or is interrupted
  unsigned preemptions = 0;  // before this one
  // What happened.
  request what{};
  effect result{};
  unsigned step = 0;  // of its thread
  unsigned before[threads_max] =
      {};  // the last step of each thread that it depends on, its own included

  [[nodiscard]] unsigned preemptions_with_this() const noexcept {
    return preemptions + (thread != last && (enabled & bit(last)) != 0 ? 1 : 0);
  }
  [[nodiscard]] bool depends_on(const node& other) const noexcept {
    return before[other.thread] >= other.step;
  }
};

/// The stacks of fibers: so far apart that Valgrind takes a change between two of them for one.
constexpr size_t stack_distance = size_t{4} << 20;
alignas(64) unsigned char stacks[threads_max * stack_distance];

class explorer {
 public:
  explorer(const scenario& s, const limits& l) : scenario_(s), limits_(l) {}

  outcome run();

  unsigned construct(const void* address, uint64_t value);
  effect perform(const request& asked);
  void begin_operation(const char* name);
  /// `what`: a name, or a location.
  template <class What>
  void race_unless(bool ordered, What what) {
    if (!ordered) {
      journal_.raced(current_, what);
      fail("there is no data race");
    }
  }
  void fail(const char* law);

  [[nodiscard]] unsigned current() const noexcept {
    return current_;
  }
  [[nodiscard]] bool all_ended() const noexcept {
    return limits_.parked == 0 || threads_[limits_.parked].finished;
  }
  memory memory_;
  journal journal_;

 private:
  struct thread_state {
    fiber flow;
    bool finished = false;
    unsigned steps = 0;
    unsigned operation_steps = 0;
    unsigned spurious = 0;
    request pending{};
    unsigned before[threads_max] = {};
  };

  static void thread_main();
  void execute();
  void end_execution();
  void go_on();
  bool extend();
  void find_conflicts();
  void try_earlier(size_t at);
  bool next_choices();
  unsigned ways_of(unsigned thread, uint32_t fresh_from) noexcept;
  void hand_over(fiber& to, unsigned thread);
  [[nodiscard]] uint64_t number_of_execution() const;

  const scenario& scenario_;
  const limits& limits_;
  outcome outcome_;
  std::vector<node> trace_;
  size_t depth_ = 0;  // in trace_; what lies behind is to be repeated
  size_t known_ = 0;  // conflicts of what lies in front were found before
  thread_state threads_[threads_max];
  fiber host_;
  option ways_[memory::options_max] = {};
  unsigned current_ = 0;
  bool beginning_ = false;
  bool checking_ = false;
  bool repeated_ = false;
  bool failed_ = false;
};

explorer* active = nullptr;

// --- executions

outcome explorer::run() {
  do {
    execute();
    if (failed_) {
      return outcome_;
    }
    if (repeated_) {
      ++outcome_.repeats;
    } else {
      ++outcome_.executions;
      if (limits_.keep_executions) {
        outcome_.kept.insert(number_of_execution());
      }
    }
    if (outcome_.executions + outcome_.repeats >= limits_.executions) {
      return outcome_;
    }
  } while (next_choices());
  outcome_.complete = true;
  return outcome_;
}

void explorer::execute() {
  const auto count = static_cast<unsigned>(scenario_.threads.size());
  memory_.reset();
  journal_.clear();
  depth_ = 0;
  repeated_ = false;
  scenario_.set_up();
  journal_.clear();
  memory_.fork(count);
  beginning_ = true;
  for (unsigned t = 1; t <= count && !failed_; ++t) {
    threads_[t] = {};
    threads_[t].flow.prepare(stacks + t * stack_distance, &thread_main);
    hand_over(threads_[t].flow, t);  // up to its first access
  }
  beginning_ = false;
  if (!failed_ && extend()) {
    hand_over(threads_[trace_[0].thread].flow, trace_[0].thread);
  }
  current_ = 0;
  if (!failed_ && !repeated_) {
    outcome_.longest = outcome_.longest < depth_ ? static_cast<unsigned>(depth_) : outcome_.longest;
    memory_.join(count);
    checking_ = true;
    threads_[0].flow.prepare(stacks, &thread_main);
    host_.hand_over(threads_[0].flow);
    checking_ = false;
  }
}

void explorer::thread_main() {
  fiber::arrived(nullptr);
  explorer& self = *active;
  if (self.checking_) {
    self.scenario_.check();
    self.end_execution();
  }
  self.scenario_.threads[self.current_ - 1]();
  self.threads_[self.current_].finished = true;
  if (self.beginning_) {
    self.end_execution();
  }
  self.go_on();
}

void explorer::end_execution() {
  fiber& from = threads_[current_].flow;
  current_ = 0;
  from.hand_over(host_);
}

void explorer::hand_over(fiber& to, unsigned thread) {
  fiber& from = current_ == 0 ? host_ : threads_[current_].flow;
  current_ = thread;
  from.hand_over(to);
}

/// To whoever makes the next access; returns when it is this thread.
void explorer::go_on() {
  if (!extend()) {
    end_execution();
  } else if (const unsigned next = trace_[depth_].thread; next != current_) {
    hand_over(threads_[next].flow, next);
  }
}

void explorer::fail(const char* law) {
  if (failed_) {
    return;
  }
  outcome_.broken = law;
  outcome_.how = journal_.text(scenario_, memory_);
  failed_ = true;
  if (current_ != 0 || checking_) {
    end_execution();
  }
}

// --- accesses

unsigned explorer::construct(const void* address, uint64_t value) {
  const author by{static_cast<uint8_t>(current_), static_cast<uint8_t>(threads_[current_].steps)};
  bool ordered = true;
  const unsigned where = memory_.construct(current_, address, value, by, ordered);
  journal_.constructed(current_, where, value);
  race_unless(ordered, where);
  return where;
}

void explorer::begin_operation(const char* name) {
  threads_[current_].operation_steps = 0;
  journal_.begin_operation(current_, name);
}

effect explorer::perform(const request& asked) {
  thread_state& mine = threads_[current_];
  request r = asked;
  if (const weakness* w = limits_.planted;
      w != nullptr && w->what == r.what && w->was == r.how &&
      scenario_.name_of(memory_.address(r.where)).rfind(w->where, 0) == 0) {
    r.how = w->becomes;
    r.how_if_failed = acquires(w->becomes) ? order::acquire : order::relaxed;
  }
  if (current_ == 0) {
    memory_.options(0, r, false, true, 0, ways_);
    const effect done = memory_.apply(0, r, ways_[0], {});
    journal_.accessed(0, r, done);
    return done;
  }
  if (++mine.operation_steps > limits_.steps) {
    fail("an operation ends");
  }
  outcome_.steps_max =
      outcome_.steps_max < mine.operation_steps ? mine.operation_steps : outcome_.steps_max;
  mine.pending = r;
  if (beginning_) {
    end_execution();
  } else {
    go_on();
  }

  // This access is the next one.
  node& n = trace_[depth_];
  n.ways = ways_of(current_, (n.asleep & bit(current_)) != 0 ? n.fresh_from[current_] : 0);
  if (n.way >= n.ways) {
    abort();  // the scenario did not repeat itself
  }
  n.step = ++mine.steps;
  n.what = r;
  race_unless(memory_.alive(current_, r.where), r.where);
  n.result = memory_.apply(current_, r, ways_[n.way],
                           {static_cast<uint8_t>(current_), static_cast<uint8_t>(n.step)});
  mine.spurious += n.result.spurious ? 1 : 0;
  journal_.accessed(current_, r, n.result);

  if (depth_ >= known_ && limits_.how == reduction::source_sets) {
    find_conflicts();
  }
  mine.before[current_] = n.step;
  if (const author from = n.result.from; reads(r.what) && from.thread != 0 && from.step != 0) {
    for (const node& writer : trace_) {
      if (writer.thread == from.thread && writer.step == from.step) {
        for (unsigned t = 0; t < threads_max; ++t) {
          mine.before[t] = mine.before[t] < writer.before[t] ? writer.before[t] : mine.before[t];
        }
        break;
      }
    }
  }
  __builtin_memcpy(n.before, mine.before, sizeof n.before);
  ++depth_;
  return n.result;
}

/// In how many ways the thread's next access may go: they are in ways_.
unsigned explorer::ways_of(unsigned thread, uint32_t fresh_from) noexcept {
  const thread_state& t = threads_[thread];
  return memory_.options(thread, t.pending, t.spurious < limits_.spurious, limits_.weak, fresh_from,
                         ways_);
}

// --- choices

/// True iff there is a next access: trace_[depth_] says whose. False at the end of the execution.
bool explorer::extend() {
  if (depth_ < trace_.size()) {
    return true;
  }
  node n;
  n.written = memory_.written();
  for (unsigned t = 1; t <= scenario_.threads.size(); ++t) {
    if (threads_[t].finished) {
      continue;
    }
    if (t == limits_.parked && threads_[t].steps == limits_.parked_after) {
      outcome_.suspended = true;
    } else {
      n.enabled |= bit(t);
    }
  }
  if (n.enabled == 0) {
    return false;
  }
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
    if (!reads(threads_[t].pending.what) || ways_of(t, n.fresh_from[t]) == 0) {
      n.can_go &= ~bit(t);
    }
  }
  if (n.can_go == 0) {
    repeated_ = true;
    return false;
  }
  n.thread = (n.can_go & bit(n.last)) != 0 ? n.last : first_of(n.can_go);
  n.to_try = limits_.how == reduction::source_sets ? bit(n.thread) : n.can_go;
  trace_.push_back(n);
  return true;
}

/// The access at depth_ is about to happen: where another one could have come after it and not before,
/// that order shall be tried, too.
void explorer::find_conflicts() {
  const node& now = trace_[depth_];
  const thread_state& mine = threads_[now.thread];
  for (size_t i = 0; i < depth_; ++i) {
    const node& earlier = trace_[i];
    if (earlier.thread != now.thread && mine.before[earlier.thread] < earlier.step &&
        in_conflict(earlier.what, earlier.result.wrote, now.what, now.result.wrote)) {
      try_earlier(i);
    }
  }
}

/// The access at depth_, and what it needs, is tried before the one `at`: one of the threads that can
/// begin with that is put down there, unless one of them is already.
void explorer::try_earlier(size_t at) {
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
      free = free && threads_[mine].before[trace_[j].thread] < trace_[j].step;
    }
    can_begin |= free ? bit(mine) : 0;
  }
  if ((can_begin & place.to_try) == 0) {
    place.to_try |= (can_begin & bit(mine)) != 0 ? bit(mine) : bit(first_of(can_begin));
  }
}

/// False: all were tried.
bool explorer::next_choices() {
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

/// From who read what whom wrote, and the modification orders.
uint64_t explorer::number_of_execution() const {
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
  return memory_.modification_orders(sum);
}

}  // namespace

// --- what others see

outcome explore(const scenario& s, const limits& l) {
  auto* const one = new explorer(s, l);  // larger than a stack likes
  active = one;
  outcome o = one->run();
  active = nullptr;
  delete one;
  return o;
}

outcome explore_for_people(const scenario& s, limits l) {
  const outcome found = explore(s, l);
  if (found.broken.empty()) {
    return found;
  }
  l.how = reduction::none;
  l.executions = 300'000;
  const unsigned spurious = l.spurious;
  for (const bool weak : {false, true}) {
    for (l.weak = weak, l.spurious = 0; l.spurious <= spurious; ++l.spurious) {
      for (l.preemptions = 0; l.preemptions <= 4; ++l.preemptions) {
        outcome simple = explore(s, l);
        if (!simple.broken.empty()) {
          simple.executions = found.executions;
          simple.repeats = found.repeats;
          return simple;
        }
      }
    }
  }
  return found;
}

void print_summary(const scenario& s, const outcome& o) {
  print_line("  ", s.name.c_str(), ": ", o.executions, " executions, ",
             o.complete         ? "all"
             : o.broken.empty() ? "not all"
                                : "then found",
             "; ", o.repeats, " cut short; longest ", uint64_t{o.longest},
             " accesses, an operation ", uint64_t{o.steps_max});
  if (!o.broken.empty()) {
    print_line("  broken: ", o.broken.c_str());
    print(o.how.c_str());
  }
}

void begin_operation(const char* name) {
  active->begin_operation(name);
}
void require(bool holds, const char* law) {
  if (!holds) {
    active->fail(law);
  }
}
bool all_ended() noexcept {
  return active->all_ended();
}
unsigned this_thread() noexcept {
  return active->current();
}
unsigned construct(const void* address, uint64_t value) {
  return active->construct(address, value);
}
effect perform(const request& r) {
  return active->perform(r);
}
uint64_t plain_read(plain_state& cell, const char* name) {
  const bool ordered = active->memory_.read(active->current(), cell);
  active->journal_.plain(active->current(), "read", name, cell.value);
  active->race_unless(ordered, name);
  return cell.value;
}
void plain_write(plain_state& cell, const char* name, uint64_t value) {
  const bool ordered = active->memory_.write(active->current(), cell, value);
  active->journal_.plain(active->current(), "write", name, value);
  active->race_unless(ordered, name);
}
void overwrite(const void* begin, size_t size) {
  const unsigned where = active->memory_.overwrite(active->current(), begin, size);
  active->race_unless(where == locations_max, where);
}

}  // namespace acre::test::interleavings
