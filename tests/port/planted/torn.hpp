// SPDX-License-Identifier: MIT
// torn: a load and a store in the place of an atomic operation, with time in between for others.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

/// Now and then, long enough for another thread to come in between.
inline void let_others_in() noexcept {
  thread_local unsigned calls = 0;
  if (calls++ % 16 == 0) {
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

template <class T, class Change>
T torn(std::atomic<T>& word, Change&& change) noexcept {
  const T found = word.load();
  let_others_in();
  word.store(change(found));
  return found;
}
template <class T>
T torn_or(std::atomic<T>& word, T bits) noexcept {
  return torn(word, [bits](T before) { return before | bits; });
}
template <class T>
T torn_and(std::atomic<T>& word, T bits) noexcept {
  return torn(word, [bits](T before) { return before & bits; });
}
template <class T>
T torn_exchange(std::atomic<T>& word, T value) noexcept {
  return torn(word, [value](T) { return value; });
}
