// SPDX-License-Identifier: MIT
// choices: the explorer's memory. Which accesses the current execution has made, what has been tried in
// the place of each, and what is still to be tried: see explorer.hpp for the algorithm.
#pragma once

#include "interleavings/explorer.hpp"

#include <vector>

namespace acre::test::interleavings {

/// What threads can do next.
struct prospects {
  unsigned enabled;  // a set of threads, bit 1U << t for thread t
  uint32_t written;  // memory::written()
  /// True iff the next access of thread t may read a message that is not older than `fresh_from`.
  const std::function<bool(unsigned t, uint32_t fresh_from)>& wakes;
};

class choices {
 public:
  explicit choices(const limits& l) : limits_(l) {}

  enum class next : uint8_t { access, end, repeat };

  /// Before an execution.
  void begin() noexcept;
  /// Which thread makes the next access: thread(). `end`: none can. `repeat`: the rest was explored before.
  next choose(const prospects& p);
  [[nodiscard]] unsigned thread() const noexcept {
    return trace_[depth_].thread;
  }
  /// Only what is not older may be read by the next access.
  [[nodiscard]] uint32_t fresh_from() const noexcept;
  /// In which of `ways` the next access goes.
  [[nodiscard]] unsigned way(unsigned ways) noexcept;
  /// The next access has been made, as the thread's `step`.
  void made(const request& r, const effect& e, unsigned step);
  /// After an execution: chooses another one. False: all were tried.
  bool another() noexcept;

  /// How many accesses there have been.
  [[nodiscard]] size_t depth() const noexcept {
    return depth_;
  }
  /// A number from who read what whom wrote.
  [[nodiscard]] uint64_t number() const noexcept;

 private:
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
    unsigned step = 0;                  // of its thread
    unsigned before[threads_max] = {};  // the last step of each thread that it depends on, or is

    [[nodiscard]] unsigned preemptions_with_this() const noexcept;
    [[nodiscard]] bool depends_on(const node& other) const noexcept {
      return before[other.thread] >= other.step;
    }
  };

  void find_conflicts();
  void try_earlier(size_t at);

  const limits& limits_;
  std::vector<node> trace_;
  size_t depth_ = 0;  // in trace_; what lies behind is to be repeated
  size_t known_ = 0;  // conflicts of what lies in front were found before
  unsigned before_[threads_max][threads_max] = {};  // what each thread's next access depends on
};

}  // namespace acre::test::interleavings
