// SPDX-License-Identifier: MIT
#include "interleavings/explorer.hpp"

#include "interleavings/choices.hpp"
#include "interleavings/fiber.hpp"
#include "interleavings/journal.hpp"
#include "support/report.hpp"

namespace acre::test::interleavings {
namespace {

/// The stacks of fibers: so far apart that Valgrind takes a change between two of them for one.
constexpr size_t stack_distance = size_t{4} << 20;
alignas(64) unsigned char stacks[threads_max * stack_distance];

class explorer {
 public:
  explorer(const scenario& s, const limits& l) : scenario_(s), limits_(l), choices_(l) {
    wakes_ = [this](unsigned t, uint32_t fresh_from) {
      return reads(threads_[t].pending.what) && ways_of(t, fresh_from) != 0;
    };
  }

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
  };

  static void thread_main();
  void execute();
  void end_execution();
  void go_on();
  choices::next choose();
  unsigned ways_of(unsigned thread, uint32_t fresh_from) noexcept;
  void hand_over(fiber& to, unsigned thread);

  const scenario& scenario_;
  const limits& limits_;
  outcome outcome_;
  choices choices_;
  thread_state threads_[threads_max];
  std::function<bool(unsigned, uint32_t)> wakes_;
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
        outcome_.kept.insert(memory_.modification_orders(choices_.number()));
      }
    }
    if (outcome_.executions + outcome_.repeats >= limits_.executions) {
      return outcome_;
    }
  } while (choices_.another());
  outcome_.complete = true;
  return outcome_;
}

void explorer::execute() {
  const auto count = static_cast<unsigned>(scenario_.threads.size());
  memory_.reset();
  journal_.clear();
  choices_.begin();
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
  if (!failed_ && choose() == choices::next::access) {
    hand_over(threads_[choices_.thread()].flow, choices_.thread());
  }
  current_ = 0;
  if (!failed_ && !repeated_) {
    const auto depth = static_cast<unsigned>(choices_.depth());
    outcome_.longest = outcome_.longest < depth ? depth : outcome_.longest;
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
  if (choose() != choices::next::access) {
    end_execution();
  } else if (const unsigned next = choices_.thread(); next != current_) {
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
  const unsigned way = choices_.way(ways_of(current_, choices_.fresh_from()));
  race_unless(memory_.alive(current_, r.where), r.where);
  ++mine.steps;
  const effect done = memory_.apply(
      current_, r, ways_[way], {static_cast<uint8_t>(current_), static_cast<uint8_t>(mine.steps)});
  mine.spurious += done.spurious ? 1 : 0;
  journal_.accessed(current_, r, done);
  choices_.made(r, done, mine.steps);
  return done;
}

/// In how many ways the thread's next access may go: they are in ways_.
unsigned explorer::ways_of(unsigned thread, uint32_t fresh_from) noexcept {
  const thread_state& t = threads_[thread];
  return memory_.options(thread, t.pending, t.spurious < limits_.spurious, limits_.weak, fresh_from,
                         ways_);
}

/// Who makes the next access.
choices::next explorer::choose() {
  prospects p{.enabled = 0, .written = memory_.written(), .wakes = wakes_};
  for (unsigned t = 1; t <= scenario_.threads.size(); ++t) {
    if (threads_[t].finished) {
      continue;
    }
    if (t == limits_.parked && threads_[t].steps == limits_.parked_after) {
      outcome_.suspended = true;
    } else {
      p.enabled |= 1U << t;
    }
  }
  const choices::next next = choices_.choose(p);
  repeated_ = next == choices::next::repeat;
  return next;
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
