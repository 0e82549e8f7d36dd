// SPDX-License-Identifier: MIT
// memory: what C++ promises of relaxed, acquire and release accesses, as a machine that can be stepped.
//
// Each location has its messages (a value that was written) in modification order; each thread has a
// view, the oldest message of each location that it may still read. A load reads any message that is not
// older. A release attaches the thread's view to its message, and an acquire that reads it joins that
// view. What a read-modify-write writes stands right behind what it read, and continues its release
// sequence. (The operational form of Kang, Hur, Lahav, Vafeiadis and Dreyer, "A promising semantics for
// relaxed-memory concurrency", POPL 2017, without promises.)
//
// A plain access is no choice but a duty: two of them, one a write, that nothing orders are a data race.
//
// Not here: sequentially consistent accesses and fences, which core does not use; and a load that reads
// what is written only later (load buffering), which no compiler or core that acre runs on does to an
// address that depends on it, but which C++ allows for independent relaxed accesses.
#pragma once

#include <acre/detail/atomic.hpp>

#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace acre::test::interleavings {

using detail::order;

/// Thread 0 sets up before all others and checks after them.
inline constexpr unsigned threads_max = 5;
inline constexpr unsigned locations_max = 16;

constexpr bool acquires(order o) noexcept {
  return o == order::acquire || o == order::acq_rel;
}
constexpr bool releases(order o) noexcept {
  return o == order::release || o == order::acq_rel;
}

/// What a thread has seen, and so what happens before its next step.
struct view {
  uint32_t place[locations_max] = {};  // of the oldest message that it may read
  uint32_t clock[threads_max] = {};    // the last step of each thread that happens before

  void join(const view& other) noexcept {
    for (unsigned i = 0; i < locations_max; ++i) {
      place[i] = place[i] < other.place[i] ? other.place[i] : place[i];
    }
    for (unsigned i = 0; i < threads_max; ++i) {
      clock[i] = clock[i] < other.clock[i] ? other.clock[i] : clock[i];
    }
  }
};

enum class access : uint8_t { load, store, exchange, fetch_or, fetch_and, compare_exchange };

constexpr bool reads(access a) noexcept {
  return a != access::store;
}
/// A compare_exchange counts even if it fails: it would not, had it come at another time.
constexpr bool reads_and_writes(access a) noexcept {
  return a != access::load && a != access::store;
}

/// What a thread is about to do.
struct request {
  access what;
  order how;
  order how_if_failed;  // of a compare_exchange
  unsigned where;
  uint64_t value;     // what is written, or joined with what is read
  uint64_t expected;  // by a compare_exchange
};

/// Who wrote a message: thread 0 for what was there before all others began.
struct author {
  uint8_t thread;
  uint8_t step;
};

/// One of the ways in which a request may go.
struct option {
  uint8_t message;  // that is read, or behind which a store comes
  bool writes;
};

struct effect {
  uint64_t read;
  uint64_t written;  // if it wrote
  author from;       // who wrote what was read
  bool wrote;
  bool newest;  // nothing was written behind it
  bool spurious;
};

/// A variable without atomic accesses. Owned by who declares it.
struct plain_state {
  uint64_t value = 0;
  uint8_t writer = 0;
  uint32_t written = 0;             // the writer's clock
  uint32_t read[threads_max] = {};  // each reader's clock
};

class memory {
 public:
  /// The most ways in which one request may go.
  static constexpr unsigned options_max = 64;

  void reset() noexcept;

  /// A cell is constructed, in a new place or over one that has died: its location. That is a plain write
  /// of `by`; false in `ordered` if the accesses to the old one do not all happen before it.
  unsigned construct(unsigned thread, const void* address, uint64_t value, author by,
                     bool& ordered);
  /// The cells in [begin, begin + size) are overwritten by plain writes. Returns the location where that
  /// is a data race; locations_max for none.
  [[nodiscard]] unsigned overwrite(unsigned thread, const void* begin, size_t size) noexcept;
  [[nodiscard]] const void* address(unsigned where) const noexcept {
    return locations_[where].address;
  }
  /// Threads begin, and see all that thread 0 did.
  void fork(unsigned threads) noexcept;
  /// Thread 0 sees all that the threads did.
  void join(unsigned threads) noexcept;

  /// How many messages there have been: those from here on are newer than now.
  [[nodiscard]] uint32_t written() const noexcept {
    return written_;
  }

  /// Fills `list` with the ways in which `r` may go, what an ordinary machine would do first, and returns
  /// their number. Of a request that reads, only those that read a message not older than `fresh_from`.
  /// `weak` false: only the first of them, as if all saw each write at once.
  unsigned options(unsigned thread, const request& r, bool may_fail, bool weak, uint32_t fresh_from,
                   option (&list)[options_max]) const noexcept;
  effect apply(unsigned thread, const request& r, option way, author by);
  /// False: the cell's construction does not happen before this thread's access. A data race.
  [[nodiscard]] bool alive(unsigned thread, unsigned where) noexcept {
    return read(thread, locations_[where].life);
  }

  /// False: a data race.
  [[nodiscard]] bool read(unsigned thread, plain_state& cell) noexcept;
  [[nodiscard]] bool write(unsigned thread, plain_state& cell, uint64_t value) noexcept;

  /// The authors of each location's messages in modification order, mixed into one number.
  [[nodiscard]] uint64_t modification_orders(uint64_t seed) const noexcept;

 private:
  struct message {
    uint64_t value;
    uint32_t place;   // in modification order
    uint32_t serial;  // in the order of execution
    author by;
    bool glued;  // to the message in front of it, by a read-modify-write
    view released;
  };
  struct location {
    const void* address;
    std::vector<message> messages;
    plain_state life;  // constructions are writes, and all accesses of the cell are reads
  };

  /// True iff nothing stands between message `i` and what would be written behind it.
  [[nodiscard]] static bool open_behind(const location& l, size_t i) noexcept {
    return i + 1 == l.messages.size() || !l.messages[i + 1].glued;
  }
  /// Moves the messages from `place` on one place up, and what has seen them.
  void make_room(unsigned where, uint32_t place) noexcept;

  std::vector<location> locations_ = std::vector<location>(locations_max);
  unsigned count_ = 0;
  uint32_t written_ = 0;
  view views_[threads_max];
};

}  // namespace acre::test::interleavings
