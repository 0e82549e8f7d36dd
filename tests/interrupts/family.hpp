// SPDX-License-Identifier: MIT
// family: an allocator under test, what it can do beside allocate and deallocate, and the scenarios in
// which an interrupt comes at every instruction.
//
// Calls are written as scripts, a few characters each:
//
//   a b c d    allocates the first, second ... of the family's requests
//   0 1 2 ...  gives back the block that the set-up's n-th allocation took (after 9 come : ; < = > ?)
//   x y z      gives back what the handler took in its first, second, third call
//   X1b        calls the family's special X with block 1 and the second request; - where it takes none
#pragma once

#include "model/subject.hpp"

#include <stddef.h>
#include <stdint.h>

namespace acre::test::sweep {

/// What a special does to the blocks, for the books.
enum class special_kind : uint8_t {
  looks,    // nothing: its result must be what it is before or after the handler
  takes,    // returns a block for the request
  gives,    // gives the block back, and returns a status
  resizes,  // returns whether the block now has the request's size
  moves,    // returns where the block now is, with the request's size and the old contents, or null
  extends_left,  // the same, but the contents are still at the old address
  forgets,       // gives back everything, or everything since the mark
  marks,
};

struct special {
  char letter;
  special_kind kind;
  bool one_step;  // such as all under one lock: it happens before or after the handler
  uintptr_t (*call)(void* object, void* block, size_t size, size_t align);
};

/// At which instructions another core has to wait, where there is a lock.
enum class waiting : unsigned char {
  somewhere,
  nowhere,  // the two take different locks
  perhaps,
};

struct scenario {
  const char* name;
  const char* set_up;
  const char* operation;  // one call
  const char* handler;
  waiting waits = waiting::somewhere;
};

struct family {
  const char* name;
  const operations* ops;
  size_t region;  // bytes
  layout requests[4];
  unsigned request_count;
  const special* specials;
  unsigned special_count;
  const scenario* scenarios;
  unsigned scenario_count;
  bool one_step;            // allocate and deallocate happen before or after the handler, but for
  size_t one_step_align;    // allocations with more, and
  size_t steps_below;       // blocks of less: the lock is free in between
  bool handler_only_gives;  // only one context may allocate
  bool keeps_blocks;        // with everything given back, not all can be had at once
  bool waits;               // another core may have to wait: there is a lock,
  bool several_locks;       // or more than one
};

/// Those of the image.
extern const family families[];
extern const unsigned family_count;

}  // namespace acre::test::sweep
