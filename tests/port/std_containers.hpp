// SPDX-License-Identifier: MIT
// What the tests of containers share: elements that know where they may lie, random calls that a container and
// its model get, and a fixture that runs a test on each memory and counts what comes back.
#pragma once

#include "port/std_subjects.hpp"
#include "support/random.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace acre::test {

template <class T, class Handle>
using alloc = std_allocator<T, Handle>;

/// An element that knows where it may lie: misaligned ones are counted, and so are those that are alive.
template <size_t Align>
struct alignas(Align) element {
  static inline int alive = 0;
  static inline int misaligned = 0;

  element(int n = 0) noexcept
      : value(n) {  // NOLINT(google-explicit-constructor): stands for a number
    born();
  }
  element(const element& other) noexcept : value(other.value) {
    born();
  }
  element(element&& other) noexcept : value(std::exchange(other.value, -1)) {
    born();
  }
  element& operator=(const element& other) noexcept = default;
  element& operator=(element&& other) noexcept {
    value = std::exchange(other.value, -1);
    return *this;
  }
  ~element() {
    --alive;
  }
  friend bool operator==(const element& a, const element& b) noexcept {
    return a.value == b.value;
  }
  friend auto operator<=>(const element& a, const element& b) noexcept {
    return a.value <=> b.value;
  }

  int value;

 private:
  void born() noexcept {
    ++alive;
    misaligned += reinterpret_cast<uintptr_t>(this) % Align == 0 ? 0 : 1;
  }
};

struct hash_of {
  template <size_t Align>
  size_t operator()(const element<Align>& e) const noexcept {
    return static_cast<size_t>(e.value) * 0x9E37'79B9U;
  }
  size_t operator()(int n) const noexcept {
    return static_cast<size_t>(n) * 0x9E37'79B9U;
  }
};

using small = element<4>;
using wide = element<64>;

template <class Handle>
class containers : public testing::Test {
 protected:
  /// Runs a test on each kind of memory, and looks whether it left something behind.
  template <class Body>
  void each(Body&& body) {
    each_memory<Handle>([&body](auto& a, auto& b) {
      const size_t before_a = a.blocks_in_use();
      const size_t before_b = b.blocks_in_use();
      body(a, b);
      EXPECT_EQ(a.validate(), status::ok);
      EXPECT_EQ(b.validate(), status::ok);
      if (a.frees()) {
        EXPECT_EQ(a.blocks_in_use(), before_a);
        EXPECT_EQ(b.blocks_in_use(), before_b);
      }
      EXPECT_EQ(small::alive, 0);
      EXPECT_EQ(wide::alive, 0);
      EXPECT_EQ(small::misaligned, 0);
      EXPECT_EQ(wide::misaligned, 0);
    });
  }
};

TYPED_TEST_SUITE(containers, handles);

/// The same random calls to a container and to its model.
template <class Container, class Model, class Step>
void run(Container& c, Model& model, uint32_t stream, Step step) {
  random numbers(stream);
  for (int i = 0; i < 400; ++i) {
    step(c, model, numbers);
  }
  EXPECT_TRUE(std::equal(c.begin(), c.end(), model.begin(), model.end()));
}

/// Inserts or removes a random key.
inline constexpr auto key_step = [](auto& c, auto& model, random& numbers) {
  const int n = static_cast<int>(numbers.below(100));
  if (numbers.one_in(3)) {
    c.erase(n);
    model.erase(n);
  } else if constexpr (requires { typename std::remove_cvref_t<decltype(c)>::mapped_type; }) {
    c.emplace(n, n);
    model.emplace(n, n);
  } else {
    c.emplace(n);
    model.emplace(n);
  }
};

}  // namespace acre::test
