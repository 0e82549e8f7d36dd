// SPDX-License-Identifier: MIT
#include "window.hpp"

#include "memory.hpp"
#include "numbers.hpp"

namespace demo {

namespace {

constexpr int32_t middle_of(int32_t a, int32_t b, int32_t c) noexcept {
  return larger_of(smaller_of(a, b), smaller_of(larger_of(a, b), c));
}

void sort(int32_t* values, size_t count) noexcept {  // insertion: a window is short
  for (size_t i = 1; i < count; ++i) {
    const int32_t value = values[i];
    size_t at = i;
    for (; at > 0 && values[at - 1] > value; --at) {
      values[at] = values[at - 1];
    }
    values[at] = value;
  }
}

}  // namespace

bool window::add(const sample& taken) noexcept {
  if (count_ == samples_per_window_max) return false;
  const sample* kept = memory.window.construct<sample>(taken);
  if (kept == nullptr) return false;
  samples_[count_++] = kept;
  return true;
}

const window_summary* window::summarise(int32_t* sorted) noexcept {
  if (count_ == 0) return nullptr;
  auto* result = memory.window.construct<window_summary>();
  auto* smooth = acre::construct_array<int32_t>(memory.window, count_);
  if (result == nullptr || smooth == nullptr) return nullptr;

  // Single spikes are noise: each value becomes the middle one of itself and its neighbours.
  for (size_t i = 0; i < count_; ++i) {
    const size_t before = i == 0 ? i : i - 1;
    const size_t after = i + 1 == count_ ? i : i + 1;
    smooth[i] = middle_of(samples_[before]->shake, samples_[i]->shake, samples_[after]->shake);
    sorted[i] = smooth[i];
  }
  sort(sorted, count_);
  result->shake_median = sorted[count_ / 2];
  result->shake_peak = sorted[count_ - 1];

  int32_t temperature_sum = 0;
  int32_t pressure_sum = 0;
  for (size_t i = 0; i < count_; ++i) {
    if (samples_[i]->complete != 0) {
      temperature_sum += samples_[i]->temperature;
      pressure_sum += samples_[i]->pressure;
      ++result->complete;
    }
  }
  if (result->complete != 0) {
    const auto complete = static_cast<int32_t>(result->complete);
    result->temperature = temperature_sum / complete;
    result->pressure = pressure_sum / complete;
  }
  return result;
}

void window::reset() noexcept {
  memory.window.reset();
  count_ = 0;
}

}  // namespace demo
