// SPDX-License-Identifier: MIT
// numbers: the two functions of <algorithm> that the demo needs; boards may have no such header.
#pragma once

namespace demo {

template <class T>
constexpr T smaller_of(T a, T b) noexcept {
  return b < a ? b : a;
}

template <class T>
constexpr T larger_of(T a, T b) noexcept {
  return a < b ? b : a;
}

}  // namespace demo
