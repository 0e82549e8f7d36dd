// SPDX-License-Identifier: MIT
// fault_recorder: counts what the fault hook is told, by code, for as long as it lives.
#pragma once

#include <acre/fault.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

/// The same address, of which the compiler does not know what lies there: without it, it warns that a
/// foreign object is no block, which is the point of the test.
template <class T>
[[nodiscard]] inline T* hidden(T* p) noexcept {
  __asm__ volatile("" : "+r"(p));
  return p;
}

class fault_recorder {
 public:
  fault_recorder() noexcept : previous_(set_fault_hook(&record)) {
    forget();
  }
  ~fault_recorder() noexcept {
    static_cast<void>(set_fault_hook(previous_));
  }
  fault_recorder(const fault_recorder&) = delete;
  fault_recorder& operator=(const fault_recorder&) = delete;

  static void forget() noexcept {
    total_ = 0;
    last_ = {};
    for (uint32_t& count : counts_) {
      count = 0;
    }
  }
  [[nodiscard]] static uint32_t total() noexcept {
    return total_;
  }
  [[nodiscard]] static uint32_t count(status code) noexcept {
    return counts_[static_cast<size_t>(code)];
  }
  [[nodiscard]] static const fault& last() noexcept {
    return last_;
  }

 private:
  static void record(const fault& told) noexcept {
    ++total_;
    ++counts_[static_cast<size_t>(told.code)];
    last_ = told;
  }

  static inline uint32_t total_ = 0;
  static inline uint32_t counts_[static_cast<size_t>(status::corrupted) + 1] = {};
  static inline fault last_ = {};
  fault_hook previous_;
};

}  // namespace acre::test
