// SPDX-License-Identifier: MIT
// state_set: the states that an exploration has seen, in the order in which it saw them, over the
// heap region of the program. Open addressing; nothing is ever removed.
#pragma once

#include "exhaustive/explorer.hpp"

#include <acre/platform/heap_region.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test::exhaustive {

struct state_key {
  uint64_t a;
  uint64_t b;

  friend bool operator==(const state_key&, const state_key&) = default;
};

class state_set {
 public:
  struct record {
    state_key key;
    uint32_t parent;
    move how;
  };

  state_set() noexcept {
    const auto memory = platform::heap_extent();
    // Records below, slots above; three quarters of the slots are in use at most.
    size_t slots = 4;
    while (2 * slots * sizeof(uint32_t) + (2 * slots / 4 * 3) * sizeof(record) <=
           memory.size - 16) {
      slots *= 2;
    }
    const auto begin = (reinterpret_cast<uintptr_t>(memory.begin) + 15) & ~uintptr_t{15};
    slots_ = reinterpret_cast<uint32_t*>(begin);
    records_ = reinterpret_cast<record*>(begin + slots * sizeof(uint32_t));
    mask_ = slots - 1;
    capacity_ = static_cast<uint32_t>(slots / 4 * 3);
    for (size_t i = 0; i < slots; ++i) {
      slots_[i] = none;
    }
  }

  /// False iff there is no room. A state that is there already is left as it is.
  [[nodiscard]] bool insert(const state_key& key, uint32_t parent, const move& how) noexcept {
    size_t slot = static_cast<size_t>(key.a) & mask_;
    for (; slots_[slot] != none; slot = (slot + 1) & mask_) {
      if (records_[slots_[slot]].key == key) {
        return true;
      }
    }
    if (size_ == capacity_) {
      return false;
    }
    records_[size_] = {key, parent, how};
    slots_[slot] = size_++;
    return true;
  }
  [[nodiscard]] const record& operator[](uint32_t index) const noexcept {
    return records_[index];
  }
  [[nodiscard]] uint32_t size() const noexcept {
    return size_;
  }

 private:
  static constexpr uint32_t none = UINT32_MAX;

  uint32_t* slots_ = nullptr;
  record* records_ = nullptr;
  size_t mask_ = 0;
  uint32_t capacity_ = 0;
  uint32_t size_ = 0;
};

}  // namespace acre::test::exhaustive
