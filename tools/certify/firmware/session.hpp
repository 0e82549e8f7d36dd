// SPDX-License-Identifier: MIT
// session: one allocator on one region, and the blocks that are live. Each call is metered and noted.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/layout.hpp>

#include "meter.hpp"
#include "settings.hpp"
#include "subject.hpp"

namespace acre::certify {

struct live_block {
  void* block;  // null: the request was not served
  uint16_t size;
  uint16_t align;
};

class session {
 public:
  /// On the first `bytes` of the memory. Nothing is set up before restart().
  explicit session(const subject& s, size_t bytes = settings::region_bytes)
      : s_(s), bytes_(bytes) {}

  /// Begins anew with an empty allocator; false iff it refused the region.
  bool restart();

  /// Serves a request and makes it the newest live block; false iff it was exhausted.
  bool take(size_t size, size_t align = default_alignment);

  /// Takes the same size until it is exhausted, or `limit` blocks are live.
  void fill(size_t size, size_t limit = settings::live_max);

  /// Gives a block back; the newest takes its place in the list.
  void give(size_t index);
  void give_newest_first();
  void give_oldest_first();

  /// Every second one, from the newest.
  void give_every_second();

  /// All but one, in a random order; that one is then the only block.
  void keep_only(size_t index);

  /// Those whose addresses lie at these offsets in the region.
  void give_between(size_t begin, size_t end);

  /// Takes one block of each size, the largest first; how many were served.
  size_t fill_rest(const size_list& sizes);

  /// Gives the block of a place back and puts another there, which may be null.
  void replace(size_t index, size_t size, size_t align = default_alignment);

  /// In place if the allocator can, else by reallocate, if it has one.
  void resize(size_t index, size_t size);

  void reset();

  /// Mixes the order of the list.
  void shuffle();

  size_t count() const {
    return count_;
  }
  const live_block& at(size_t index) const;

 private:
  live_block allocate(size_t size, size_t align);
  void deallocate(const live_block& gone);
  counts call(entry function, uintptr_t a, uintptr_t b, uintptr_t c);

  const subject& s_;
  size_t bytes_;
  size_t count_ = 0;
  uintptr_t result_ = 0;  // of the last call
};

/// What the sessions run on; aligned to its size.
extern unsigned char memory[settings::region_bytes + settings::unaligned_by];

/// Calls that did not return what they should. An image with failures ends with 1.
int failures();

}  // namespace acre::certify
