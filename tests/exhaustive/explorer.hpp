// SPDX-License-Identifier: MIT
// explorer: every sequence of calls up to a depth on a tiny instance of an allocator, each step held
// against the laws. Breadth first, so what is reported is the shortest sequence that breaks a law.
//
// A state is the allocator's object, its region and the blocks that are live, byte by byte; states
// that are equal are explored once. So the depth is often "closed": no call leads to a new state, and
// what was explored is every sequence of any length. What is kept of a state is 24 bytes: a hash of
// 128 bits, the state before it, and the call between them; to explore it, the calls are repeated.
#pragma once

#include "model/subject.hpp"

#include <stddef.h>
#include <stdint.h>

namespace acre::test::exhaustive {

inline constexpr size_t live_max = 32;
inline constexpr size_t pinned_max = 160;
inline constexpr size_t depth_max = 64;
inline constexpr size_t region_max = 2048;
inline constexpr size_t mark_bytes = 4 * sizeof(void*);

/// The blocks of a state, in the order of their addresses.
struct situation {
  region memory;
  size_t fresh_bytes_free;  // of the allocator after init
  const block* live;
  size_t count;
  const block* pinned;  // live too, and never given back
  size_t pinned_count;
};

/// What a request must answer, by a reasoning that does not ask the allocator.
struct prediction {
  bool served;
  const void* at;  // null if the law does not say where
};

/// What an allocator can do beyond the common operations, and what it promises beyond the common
/// laws. Null is "cannot", or "any".
struct abilities {
  prediction (*predict)(const situation& now, layout wanted) = nullptr;
  bool (*may_give)(const situation& now, size_t index) = nullptr;
  // A request that is no larger than another one that is served is served too.
  bool monotonic = true;
  bool resets = false;

  status (*give_unsized)(void* object, void* p) = nullptr;
  size_t (*usable_size)(const void* object, const void* p) = nullptr;
  bool (*try_resize)(void* object, void* p, size_t size) = nullptr;
  void* (*reallocate)(void* object, void* p, size_t size, size_t align) = nullptr;
  void* (*try_extend_left)(void* object, void* p, size_t size) = nullptr;

  // Free memory of which the allocator promises not to read a byte: what is left there does not make
  // two states different.
  region (*unread)(const situation& now) = nullptr;

  // Overwrites what the allocator promises not to read, after each call.
  void (*tidy)(void* object, const situation& now) = nullptr;

  // The position before `wanted` is allocated; releasing to it gives back what lies `above` it.
  void (*mark)(const void* object, layout wanted, void* mark) = nullptr;
  status (*release_to)(void* object, const void* mark) = nullptr;
  bool (*above)(const block& one, const block& first) = nullptr;
};

struct task {
  const operations* ops;
  abilities can;
  const layout* requests;
  size_t request_count;
  size_t offset;  // of the region, from an address aligned to 128
  size_t region_size;
  unsigned depth;
  /// Frees at every multiple of this are tried in every state, and at some addresses between.
  size_t granule = sizeof(void*);
  /// Before the exploration, as many of `pinned` as fit are allocated; those for which keep() is false
  /// are given back, and the others stay for ever.
  const layout* pinned = nullptr;
  bool (*keep)(size_t index) = nullptr;
};

enum class call : uint8_t {
  extend_left,
  allocate,
  deallocate,
  deallocate_unsized,
  try_resize,
  reallocate,
  release,
  reset
};

struct move {
  call what;
  uint8_t request;  // an index of the requests
  uint8_t victim;   // an index of the live blocks
};

struct outcome {
  uint32_t states = 0;
  uint64_t transitions = 0;
  uint64_t misuses = 0;
  unsigned depth = 0;
  bool closed = false;  // no call leads out of the states that were seen
  bool full = false;    // stopped because there was no memory for more states

  const char* broken = nullptr;  // the law, or null
  move path[depth_max] = {};     // the shortest sequence that breaks it
  unsigned path_length = 0;
  bool probed = false;     // what broke it is no call of the sequence, but one after it that
  ptrdiff_t tried_at = 0;  // should change nothing: a bad free at this offset, or a request
  layout tried;
};

/// One at a time: the memory is shared. Does not touch GoogleTest's state.
outcome explore(const task& t);

/// One line with the counts; and, if a law was broken, the sequence, call by call.
void print_summary(const task& t, const outcome& o);

}  // namespace acre::test::exhaustive
