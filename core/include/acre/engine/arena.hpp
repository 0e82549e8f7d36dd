// SPDX-License-Identifier: MIT
// engine::arena: bump allocation over a chain of chunks.
//
// Structure: each chunk is a region with a header at its start that points to the chunk before it.
// Only the newest chunk serves requests; what is left in an older one is lost until a release.
//
//   region 1: | header | used ....... | lost |   <- region 2: | header | used .. | free ...... |
//                                                               chunk_   cursor_ ^      limit_ ^
//
// I1  cursor_ lies in the newest chunk, behind its header, at or below limit_.
// I2  The chain of headers ends after chunks_ steps with null.
// I3  finalizers_ points into used memory; each node is older than the one before it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/step_cursor.hpp>
#include <acre/layout.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI::engine {

/// What an arena knows of one position: enough to return to it.
struct arena_mark {
  void* chunk = nullptr;
  uintptr_t cursor = 0;
  size_t blocks = 0;
};

/// How far a validation in steps has come. A step is a destructor that is owed, from the newest on.
struct arena_cursor : step_cursor {
  bool begun = false;
  uintptr_t owed = 0;  // the finalizer to look at next; 0 behind the last
};

class ACRE_API arena_core {
 public:
  using cursor_type = arena_cursor;

  // Aligned like a block by default, so that the first one behind it needs no padding.
  struct alignas(default_alignment) chunk_header {
    chunk_header* previous;
    region memory;       // as it was given, and is given back
    size_t used_before;  // bytes used in all older chunks when this one became the newest
  };
  /// A destructor that is owed; lies in the arena itself, in front of its object.
  struct finalizer {
    finalizer* next;
    void (*destroy)(void*) noexcept;
    void* object;
  };
  static constexpr size_t header_bytes = sizeof(chunk_header);

  static constexpr size_t block_bytes(layout l) noexcept {
    return l.size;
  }

  status init(region memory) noexcept;
  status add_region(region memory) noexcept;
  /// Takes the newest chunk off the chain and returns its region; empty if it is the first one.
  region pop_region() noexcept;
  /// Fills what is used of the newest chunk.
  void poison_newest() noexcept;

  [[nodiscard]] void* allocate(layout wanted) noexcept {
    const uintptr_t cursor = cursor_;
    const size_t left = limit_ - cursor;
    const size_t padding = (0 - cursor) & (wanted.align - 1);
    const size_t size = wanted.size + (wanted.size == 0 ? 1U : 0U);
    // Two comparisons, so that neither sum can wrap.
    if (!wanted.valid() || padding > left || size > left - padding) [[unlikely]] {
      return nullptr;
    }
    cursor_ = cursor + padding + size;
    ++blocks_;
    return reinterpret_cast<void*>(cursor + padding);
  }

  static constexpr bool bounds_are_fixed = false;

  [[nodiscard]] bool owns(const void* p) const noexcept;
  [[nodiscard]] acre::usage usage() const noexcept;
  [[nodiscard]] size_t bytes_in_use() const noexcept;
  [[nodiscard]] size_t blocks_in_use() const noexcept {
    return blocks_;
  }
  [[nodiscard]] size_t largest_free() const noexcept;
  [[nodiscard]] status validate() const noexcept;
  [[nodiscard]] status validate_step(arena_cursor& cursor, size_t steps) const noexcept;

  /// What is left of the newest chunk.
  [[nodiscard]] size_t bytes_left() const noexcept {
    return limit_ - cursor_;
  }
  [[nodiscard]] arena_mark mark() const noexcept {
    return {chunk_, cursor_, blocks_};
  }
  /// True iff `m` is a position of the present chain at or below the present one. O(chunks).
  [[nodiscard]] bool reachable(const arena_mark& m) const noexcept;
  /// The position of the first chunk, empty.
  [[nodiscard]] arena_mark origin() const noexcept;
  /// True iff a pop_region() is needed before `m` is in the newest chunk.
  [[nodiscard]] bool newer_chunk_than(const arena_mark& m) const noexcept {
    return chunk_ != m.chunk;
  }
  /// Moves the cursor down to `m`, which is in the newest chunk.
  void rewind(const arena_mark& m, check_level level) noexcept;

  void add_finalizer(finalizer* node) noexcept {
    node->next = finalizers_;
    finalizers_ = node;
  }
  /// Runs the destructors owed for objects newer than `m`, newest first. O(their number).
  void finalize(const arena_mark& m) noexcept;

 protected:
  [[nodiscard]] bool used_contains(const void* p) const noexcept;
  [[nodiscard]] status validate_chunks() const noexcept;
  [[nodiscard]] bool may_be_finalizer(uintptr_t at) const noexcept;
  [[nodiscard]] bool is_older(uintptr_t older, uintptr_t newer) const noexcept;

  uintptr_t cursor_ = 0;
  uintptr_t limit_ = 0;
  chunk_header* chunk_ = nullptr;
  finalizer* finalizers_ = nullptr;
  size_t blocks_ = 0;
};

/// Deallocating from an arena does nothing; at basic and above it refuses what is not the arena's.
template <check_level Level>
class arena : public arena_core {
 public:
  ACRE_API status deallocate(void* block, layout given) noexcept;
};

extern template class arena<check_level::none>;
extern template class arena<check_level::basic>;
extern template class arena<check_level::full>;

}  // namespace acre::engine
