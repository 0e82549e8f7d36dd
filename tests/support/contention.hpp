// SPDX-License-Identifier: MIT
// contention: several cores or threads use one allocator at once, and every call must be counted. The
// counts are plain additions under the allocator's lock: a lock that lets two in loses some.
#pragma once

#include <acre/concepts.hpp>
#include <acre/observers.hpp>
#include <acre/policies.hpp>
#include <acre/status.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

struct call_counts {
  uint32_t allocated = 0;
  uint32_t exhausted = 0;
  uint32_t deallocated = 0;

  friend bool operator==(const call_counts&, const call_counts&) = default;
};

/// Counts what the allocator sees.
class call_counter : public no_observer {
 public:
  void on_allocate(size_t) noexcept {
    ++counts_.allocated;
  }
  void on_exhausted(size_t) noexcept {
    ++counts_.exhausted;
  }
  void on_deallocate(size_t) noexcept {
    ++counts_.deallocated;
  }
  [[nodiscard]] const call_counts& read() const noexcept {
    return counts_;
  }

 private:
  call_counts counts_;
};

/// What one core does: holds up to three blocks, each full of its own number, and gives the oldest back.
/// Adds what it counted to `counts`, and the blocks that somebody else wrote to, or that were refused, to
/// `spoilt`; both are added to by several.
template <class A>
void contend(A& shared, uint32_t me, uint32_t rounds, call_counts& counts, uint32_t& spoilt) {
  constexpr size_t words = 4;
  constexpr layout shape{words * sizeof(uint32_t), alignof(uint32_t)};
  constexpr unsigned depth = 3;
  call_counts mine;
  uint32_t bad = 0;
  uint32_t* held[depth] = {};
  for (uint32_t round = 0; round < rounds + depth; ++round) {
    uint32_t*& slot = held[round % depth];
    if (slot != nullptr) {
      for (size_t i = 0; i < words; ++i) {
        bad += slot[i] != me ? 1U : 0U;
      }
      bad += shared.deallocate(slot, shape) != status::ok ? 1U : 0U;
      ++mine.deallocated;
      slot = nullptr;
    }
    if (round < rounds) {
      slot = static_cast<uint32_t*>(shared.allocate(shape));
      if (slot == nullptr) {
        ++mine.exhausted;
      } else {
        ++mine.allocated;
        for (size_t i = 0; i < words; ++i) {
          slot[i] = me;
        }
      }
    }
  }
  __atomic_fetch_add(&counts.allocated, mine.allocated, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&counts.exhausted, mine.exhausted, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&counts.deallocated, mine.deallocated, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&spoilt, bad, __ATOMIC_SEQ_CST);
}

}  // namespace acre::test
