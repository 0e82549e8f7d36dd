// SPDX-License-Identifier: MIT
// Mistakes that an interrupt finds as well as a second core, and the calls in which they are planted.
#pragma once

#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"
#include "interrupts/cases.hpp"

#include <acre/lockfree_pool.hpp>
#include <acre/platform/irq.hpp>
#include <acre/platform/irq_lock.hpp>

namespace acre::test::sweep {

template <class Lock>
using pool_with = pool<24, shared<check_level::none, Lock>>;

/// Stores the list's new head after it has unlocked.
template <class Lock>
struct pool_that_stores_late : pool_with<no_lock> {
  using base = pool_with<no_lock>;
  using base::allocate;

  void* allocate(layout wanted) noexcept {
    void* volatile& head = reinterpret_cast<void* volatile&>(engine_);  // its first member
    void* block;
    void* after;
    {
      static Lock lock;
      const lock_guard guard(lock);
      void* const before = head;
      block = base::allocate(wanted);
      after = head;
      head = before;
    }
    head = after;
    return block;
  }
};

// --- atomic operations with a mistake each

/// Word-sized operations on one core; `Same` says which values a compare_exchange takes for equal.
template <bool Atomic, uint32_t Same>
struct faulty_atomics {
  template <class T>
  class cell {
   public:
    constexpr cell() noexcept = default;
    constexpr explicit cell(T value) noexcept : value_(value) {}

    template <detail::order>
    [[nodiscard]] T load() const noexcept {
      return value_;
    }
    template <detail::order>
    void store(T value) noexcept {
      value_ = value;
    }
    template <detail::order>
    [[nodiscard]] bool compare_exchange(T& expected, T desired) noexcept {
      const platform::irq_state state = Atomic ? platform::irq_disable() : 0;
      const T found = value_;
      const bool equal = ((found ^ expected) & Same) == 0;
      if (equal) {
        value_ = desired;
      }
      if (Atomic) {
        platform::irq_restore(state);
      }
      expected = found;
      return equal;
    }
    template <detail::order Order, class Change>
    bool update(Change&& change) noexcept {
      T seen = value_;
      for (;;) {
        T word = seen;
        if (!change(word)) {
          return false;
        }
        if (compare_exchange<Order>(seen, word)) {
          return true;
        }
      }
    }

   private:
    volatile T value_ = T{};
  };
};

using torn_atomics = faulty_atomics<false, UINT32_MAX>;

template <class Atomics>
struct lockfree_with
    : unwatched<basic_allocator<engine::lockfree_pool<24, 8, check_level::none, uint16_t, Atomics>,
                                policies<no_lock, checks_none, no_observer>>,
                check_level::none> {
  static constexpr size_t block_bytes = 24;
  static constexpr size_t block_alignment = 8;
  static constexpr size_t required_bytes(size_t blocks) noexcept {
    return lockfree_with::engine_type::bytes_for(blocks);
  }
  using lockfree_with::basic_allocator::allocate;
  void* allocate() noexcept {
    return this->engine_.allocate();
  }
  using lockfree_with::basic_allocator::deallocate;
  status deallocate(void* block) noexcept {
    return this->engine_.deallocate(block);
  }
};

// --- calls

template <class A>
struct case_of : pool_laws<A> {
  static constexpr const char* name = "planted";
  static constexpr layout typical{24, 1};

  static size_t required(size_t, size_t) {
    return 0;
  }
};

inline constexpr layout requests[] = {{24, 1}};

// A block that is taken, given back and taken again, in three sections.
template <class A>
uintptr_t take_give_take(void* object, void*, size_t, size_t) {
  A& from = as<A>(object);
  void* const first = from.allocate();
  static_cast<void>(from.deallocate(first));
  return reinterpret_cast<uintptr_t>(from.allocate());
}

// Takes two blocks and gives the first back, and nobody may come in between.
template <class A>
uintptr_t take_the_second(void* object, void*, size_t, size_t) {
  A& from = as<A>(object);
  static platform::irq_lock outer;
  const lock_guard guard(outer);
  void* const first = from.allocate();
  void* const second = from.allocate();
  static_cast<void>(from.deallocate(first));
  return reinterpret_cast<uintptr_t>(second);
}

template <class A>
inline constexpr special specials[] = {
    {'T', special_kind::takes, false, take_give_take<A>},
    {'O', special_kind::takes, true, take_the_second<A>},
};

inline constexpr scenario allocate_and_back[] = {
    {"a block from the list", "aaa02", "a", "a"},
    {"a block that was never handed out", "aa", "a", "a"},
    {"a block back", "aaa0", "1", "a"},
};
inline constexpr scenario allocate_from_the_list[] = {
    {"a block from the list", "aaa02", "a", "a"},
};
inline constexpr scenario there_again[] = {
    {"the first block is there again, and the second is not", "", "a", "aax"},
};
inline constexpr scenario lock_free[] = {
    {"a block from the list", "aaa02", "a", "a"},
    {"a block back", "aaa0", "1", "a"},
    {"the first block is there again, and the second is not", "", "a", "aax"},
};

template <class A, unsigned Scenarios>
constexpr family family_of(const char* name, const scenario (&scenarios)[Scenarios]) {
  return make_family<case_of<A>>(name, A::required_bytes(6), requests, specials<A>, scenarios);
}

}  // namespace acre::test::sweep
