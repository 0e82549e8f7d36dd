// SPDX-License-Identifier: MIT
// weakened: instrumented atomics with a planted mistake, for the test of the tests. (A weaker order is
// planted without a type of its own: limits::planted.)
#pragma once

#include "interleavings/atomics.hpp"

namespace acre::test::interleavings {

/// A tag of `Bits` in the head of a lockfree_pool whose blocks have numbers of 16 bits.
template <unsigned Bits>
struct short_tag_atomics {
  template <class T>
  struct cell : atomics::cell<T> {
    using atomics::cell<T>::cell;

    template <order Success, class Change>
    bool update(Change&& change) noexcept {
      return atomics::cell<T>::template update<Success>([&](T& word) {
        const bool changed = change(word);
        if constexpr (sizeof(T) == 4) {
          word &= (T{1} << (16 + Bits)) - 1;
        }
        return changed;
      });
    }
  };
};

/// A load and a store in the place of a read-modify-write.
struct torn_atomics {
  template <order Order>
  static constexpr order store_half =
      Order == order::release || Order == order::acq_rel ? order::release : order::relaxed;

  template <class T>
  struct cell : atomics::cell<T> {
    using atomics::cell<T>::cell;

    template <order Order>
    [[nodiscard]] T exchange(T value) noexcept {
      const T found = this->template load<detail::load_half<Order>>();
      this->template store<store_half<Order>>(value);
      return found;
    }
    template <order Order>
    T fetch_or(T bits) noexcept {
      const T found = this->template load<detail::load_half<Order>>();
      this->template store<store_half<Order>>(found | bits);
      return found;
    }
    template <order Order>
    T fetch_and(T bits) noexcept {
      const T found = this->template load<detail::load_half<Order>>();
      this->template store<store_half<Order>>(found & bits);
      return found;
    }
    template <order Success, class Change>
    bool update(Change&& change) noexcept {
      T word = this->template load<detail::load_half<Success>>();
      if (!change(word)) {
        return false;
      }
      this->template store<store_half<Success>>(word);
      return true;
    }
  };
};

}  // namespace acre::test::interleavings
