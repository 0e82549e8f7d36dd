// SPDX-License-Identifier: MIT
// atomics: the instrumented set for lock-free engines: as detail/atomic.hpp, but each access is one of
// the explorer's steps. And plain<T>, for what threads hand to each other by means of them.
#pragma once

#include "interleavings/explorer.hpp"

#include <string.h>

namespace acre::test::interleavings {

struct atomics {
  template <class T>
  class cell {
   public:
    constexpr cell() noexcept : cell(T{}) {}
    constexpr explicit cell(T value) noexcept {
      if (!__builtin_is_constant_evaluated()) {
        where_ = construct(this, word_of(value));
      }
    }
    cell(const cell&) = delete;
    cell& operator=(const cell&) = delete;

    template <order Order>
    [[nodiscard]] T load() const noexcept {
      return value_of(perform(of(access::load, Order)).read);
    }
    template <order Order>
    void store(T value) noexcept {
      static_cast<void>(perform(of(access::store, Order, value)));
    }
    template <order Order>
    [[nodiscard]] T exchange(T value) noexcept {
      return value_of(perform(of(access::exchange, Order, value)).read);
    }
    template <order Order>
    T fetch_or(T bits) noexcept {
      return value_of(perform(of(access::fetch_or, Order, bits)).read);
    }
    template <order Order>
    T fetch_and(T bits) noexcept {
      return value_of(perform(of(access::fetch_and, Order, bits)).read);
    }
    template <order Success>
    [[nodiscard]] bool compare_exchange(T& expected, T desired) noexcept {
      request r = of(access::compare_exchange, Success, desired);
      r.how_if_failed = detail::load_half<Success>;
      r.expected = word_of(expected);
      const effect done = perform(r);
      expected = value_of(done.read);
      return done.wrote;
    }
    template <order Success, class Change>
    bool update(Change&& change) noexcept {
      T seen = load<detail::load_half<Success>>();
      for (;;) {
        T word = seen;
        if (!change(word)) {
          return false;
        }
        if (compare_exchange<Success>(seen, word)) {
          return true;
        }
      }
    }

   private:
    static uint64_t word_of(T value) noexcept {
      uint64_t word = 0;
      memcpy(&word, &value, sizeof value);
      return word;
    }
    static T value_of(uint64_t word) noexcept {
      T value;
      memcpy(&value, &word, sizeof value);
      return value;
    }
    [[nodiscard]] request of(access what, order how, T value = T{}) const noexcept {
      return {.what = what,
              .how = how,
              .how_if_failed = order::relaxed,
              .where = where_,
              .value = word_of(value),
              .expected = 0};
    }

    unsigned where_ = 0;
  };
};

/// A variable that is not atomic: two accesses to it, one a write, that nothing orders break a law.
class plain {
 public:
  explicit plain(const char* name = "plain") noexcept : name_(name) {}

  [[nodiscard]] uint64_t read() {
    return plain_read(state_, name_);
  }
  void write(uint64_t value) {
    plain_write(state_, name_, value);
  }

 private:
  plain_state state_;
  const char* name_;
};

}  // namespace acre::test::interleavings
