// SPDX-License-Identifier: MIT
// window: the samples of one second, and what can be said of them. All of it lies in an arena that is
// reset when the second is over: nothing is freed one by one, and nothing can be forgotten.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "records.hpp"

namespace demo {

struct window_summary {
  int32_t temperature;  // means of the complete samples
  int32_t pressure;
  int32_t shake_median;
  int32_t shake_peak;
  uint32_t complete;  // samples that had a temperature
};

class window {
 public:
  /// Keeps a copy; false iff the window or its memory is full.
  [[nodiscard]] bool add(const sample& taken) noexcept;

  /// Smooths and summarises; the result lies in the arena. `sorted` has room for size() numbers.
  /// Null iff the window is empty or its memory is full.
  [[nodiscard]] const window_summary* summarise(int32_t* sorted) noexcept;

  /// Forgets everything.
  void reset() noexcept;

  [[nodiscard]] size_t size() const noexcept {
    return count_;
  }
  [[nodiscard]] const sample& operator[](size_t i) const noexcept {
    return *samples_[i];
  }

 private:
  const sample* samples_[samples_per_window_max] = {};
  size_t count_ = 0;
};

}  // namespace demo
