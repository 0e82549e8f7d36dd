// SPDX-License-Identifier: MIT
// model: an allocator and what it must look like, kept in fixed arrays, side by side.
//
// Each operation is done on the allocator and on the shadow, and compared. run() takes a sequence of
// operations from bytes, which come from a seed (tests) or from outside (a fuzzer).
#pragma once

#include "model/subject.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/random.hpp"

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

/// The memory that the allocator under test gets: one for a program, since boards are small.
inline guarded_memory<region_bytes> test_memory;

/// Decisions, from a random stream or from given bytes (zeros after their end).
class decisions {
 public:
  explicit decisions(random& stream) noexcept : stream_(&stream) {}
  decisions(const uint8_t* bytes, size_t size) noexcept : bytes_(bytes), left_(size) {}

  uint32_t next() noexcept;
  uint32_t below(size_t count) noexcept {
    return count == 0 ? 0 : next() % static_cast<uint32_t>(count);
  }
  [[nodiscard]] bool ended() const noexcept {
    return stream_ == nullptr && left_ == 0;
  }

 private:
  random* stream_ = nullptr;
  const uint8_t* bytes_ = nullptr;
  size_t left_ = 0;
};

/// One at a time: the arrays are shared. Failures are reported through GoogleTest.
class model {
 public:
  /// The subject is initialised and has nothing in use.
  explicit model(const subject& allocator) noexcept;

  /// Allocates, checks alignment, place and disjointness, and fills the block. Null iff exhausted.
  void* allocate(layout wanted);
  /// Gives back the block with this index, whose contents must be what was written.
  void free_at(size_t index);
  /// Gives everything back, in an order that `choice` permutes.
  void free_all(decisions& choice);
  void free_all();
  /// Deallocates what must be refused; returns the status, after checking that the hook was told.
  status bad_free(void* p, layout given);
  /// usage, observer, validate and the lock agree with the shadow. O(blocks).
  void check() const;
  /// Every live block holds what was written.
  void check_contents() const;

  [[nodiscard]] size_t count() const noexcept {
    return count_;
  }
  [[nodiscard]] const block& at(size_t index) const noexcept;
  /// The index of the live block that begins at `p`, or count().
  [[nodiscard]] size_t find(const void* p) const noexcept;
  /// The live block that `p` points into, or null. O(blocks).
  [[nodiscard]] const block* containing(const void* p) const noexcept;
  /// An index that may be given back now.
  [[nodiscard]] size_t choose(decisions& choice) const noexcept;
  [[nodiscard]] size_t bytes_in_use() const noexcept;

 private:
  void forget(size_t index) noexcept;

  const subject& allocator_;
  size_t count_ = 0;
  uint32_t next_tag_ = 1;
};

/// Random operations against the model, checked after each `check_every`. Good frees, requests that
/// can't be served, and at checked levels bad frees. Gives everything back at the end.
void run_model(const subject& allocator, decisions& choice, uint32_t steps,
               uint32_t check_every = 1);

}  // namespace acre::test
