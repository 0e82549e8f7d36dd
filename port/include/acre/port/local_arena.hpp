// SPDX-License-Identifier: MIT
// local_arena: an arena for one thread, that takes its chunks from a group for all of them.
#pragma once

#include <stddef.h>

#include <acre/arena.hpp>
#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/port/cache_line.hpp>
#include <acre/port/chunk_group.hpp>
#include <acre/region.hpp>

namespace acre::inline ACRE_ABI {

/// One arena's way to a chunk_group: a region_source of two words, whose chunks double from one to the next,
/// from the group's smallest up to its largest. Belongs to the arena, as that to a thread.
template <class Group>
class group_source {
 public:
  /// Of no group: has nothing.
  constexpr group_source() noexcept = default;
  /// `group` must outlive the arena.
  constexpr explicit group_source(Group& group) noexcept : group_(&group) {}

  [[nodiscard]] region acquire(size_t bytes) noexcept {
    const region chunk = group_ == nullptr ? region{} : group_->acquire(bytes);
    chunks_ += chunk.empty() ? 0U : 1U;
    return chunk;
  }
  void release(region chunk) noexcept {
    if (group_ != nullptr && !chunk.empty()) {
      group_->release(chunk);
      --chunks_;
    }
  }
  /// The room in the next chunk.
  [[nodiscard]] size_t granularity() const noexcept {
    return group_ == nullptr ? 1 : group_->chunk_bytes(chunks_);
  }
  /// A count: the chunks that the arena has.
  [[nodiscard]] size_t chunks() const noexcept {
    return chunks_;
  }

 private:
  Group* group_ = nullptr;
  size_t chunks_ = 0;
};

/// An arena whose regions all come from `Group`, and go back there when it is destroyed: on a stack, in an
/// array with one for each thread, or as a `thread_local`. It shares no cache line with anything else: neither
/// itself nor its blocks. Everything else is arena's: allocate, construct, mark, reset, reset_keep, ...
///
/// Threads: one at a time (its policies may have a lock); the group is for all. A `thread_local` of a type with a
/// destructor makes the C++ runtime allocate once a thread, which only an allocator that replaces malloc needs to
/// avoid. Not with mingw-w64 of GCC 12, which frees a `thread_local` before its destructor runs.
template <class Group, class Policies = policies<>>
class alignas(port::cache_line_bytes) local_arena : public arena<Policies, group_source<Group>> {
  using base = arena<Policies, group_source<Group>>;

 public:
  /// With a first chunk. Without one, if the group has none: then it answers null until an init() succeeds.
  explicit local_arena(Group& group) noexcept : base(group_source<Group>(group)) {
    static_cast<void>(base::init());
  }
  /// Runs the destructors that are owed, and gives all chunks back.
  ~local_arena() noexcept {
    base::release_all();
  }
};

}  // namespace acre
