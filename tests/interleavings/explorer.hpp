// SPDX-License-Identifier: MIT
// explorer: every execution of a few threads, by the rules of memory.hpp, each held against the laws.
//
// Depth first over two kinds of choices, which thread makes the next atomic access and which message it
// reads (or where its store comes), by running the scenario again from the start for each list of choices.
//
// What is told apart is who reads from whom, and each location's modification order. Orders of execution
// that differ in nothing else are the same execution. So two accesses are in conflict only if the later
// one writes what the earlier one could read, or if both read and write: a load that comes after a store
// can still read what was there before it, and a store that comes after another one can still stand in
// front of it. Threads are tried in another order only where that matters (dynamic partial-order
// reduction with source sets and sleep sets: P. Abdulla, S. Aronis, B. Jonsson and K. Sagonas, "Optimal
// dynamic partial order reduction", POPL 2014, algorithm 1). A thread that sleeps because all it can do
// was tried wakes for what is written later, and for nothing else.
#pragma once

#include "interleavings/memory.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace acre::test::interleavings {

/// A fresh world, what its threads do, and what is true when they have ended. Threads are functions of
/// what they read: they see neither time nor each other but through cells.
struct scenario {
  std::string name;
  std::function<void()> set_up;
  std::vector<std::function<void()>> threads;  // 1, 2, ...
  std::function<void()> check;
  /// What a report calls a cell, and a value in it.
  std::function<std::string(const void* cell)> name_of;
  std::function<std::string(const void* cell, uint64_t value)> text_of;
};

enum class reduction : uint8_t { none, sleep_sets, source_sets };

/// A planted mistake: accesses `what` with the order `was`, to cells whose names begin with `where`, have
/// the order `becomes`.
struct weakness {
  access what;
  std::string where;
  order was;
  order becomes;
};

struct limits {
  static constexpr unsigned any = 1000;

  reduction how = reduction::source_sets;
  /// How often a thread may be interrupted that could go on. With fewer than any number there is no
  /// reduction: what is left out as equal to another execution might need one interruption less.
  unsigned preemptions = any;
  /// False: each load reads what was written last, as on a machine with one memory and no buffers. There
  /// is no reduction for that.
  bool weak = true;
  unsigned spurious = 1;  // failures of compare_exchange without a reason, of each thread
  unsigned steps = 60;    // accesses that an operation may need
  uint64_t executions = 20'000'000;
  /// This thread makes so many accesses, and is then suspended for ever; 0: none.
  unsigned parked = 0;
  unsigned parked_after = 0;
  const weakness* planted = nullptr;
  bool keep_executions = false;
};

struct outcome {
  uint64_t executions = 0;  // no two of them the same, with a reduction
  uint64_t repeats = 0;     // cut short, because the rest was explored before
  bool complete = false;    // within the limits
  bool suspended = false;   // limits::parked had more to do
  unsigned longest = 0;     // execution, in accesses
  unsigned steps_max = 0;   // of an operation
  std::string broken;       // the law, or empty
  std::string how;          // it was broken, access by access
  std::set<uint64_t> kept;  // a number for each execution
};

/// Stops at the first law that is broken. One at a time.
outcome explore(const scenario& s, const limits& l = {});

/// Explores; if a law is broken, explores again with as few preemptions as it takes to break one, if
/// possible without a weak memory.
outcome explore_for_people(const scenario& s, limits l = {});

/// One line with the counts; and, if a law was broken, how.
void print_summary(const scenario& s, const outcome& o);

// --- for threads

/// From here on the thread is in the operation `name`.
void begin_operation(const char* name);
/// Where it does not hold, the law is broken, and the execution ends.
void require(bool holds, const char* law);
/// In scenario::check: false if a thread was suspended for ever.
bool all_ended() noexcept;
/// Of whoever calls: 0 outside of threads.
unsigned this_thread() noexcept;

// --- for cells

unsigned construct(const void* address, uint64_t value);
effect perform(const request& r);
uint64_t plain_read(plain_state& cell, const char* name);
void plain_write(plain_state& cell, const char* name, uint64_t value);
/// All cells in these bytes are dead: who got the memory writes to it.
void overwrite(const void* begin, size_t size);

}  // namespace acre::test::interleavings
