// SPDX-License-Identifier: MIT
// The test of the stress: a pool with a race is found. Built for ThreadSanitizer, a pool whose every access
// is relaxed, which no test on this machine could tell from a right one; else, one whose head is changed
// by a load and a store.
#include <gtest/gtest.h>

#include "stress/crowd.hpp"

#include <acre/engine/lockfree_pool.hpp>
#include <acre/region.hpp>

namespace acre::test::stress {
namespace {

using detail::order;

struct relaxed_atomics {
  template <class T>
  struct cell : detail::native_atomics<true>::cell<T> {
    using native = detail::native_atomics<true>::cell<T>;
    using native::native;

    template <order>
    [[nodiscard]] T load() const noexcept {
      return native::template load<order::relaxed>();
    }
    template <order>
    void store(T value) noexcept {
      native::template store<order::relaxed>(value);
    }
    template <order, class Change>
    bool update(Change&& change) noexcept {
      return native::template update<order::relaxed>(change);
    }
  };
};

struct torn_atomics {
  template <class T>
  struct cell : detail::native_atomics<true>::cell<T> {
    using native = detail::native_atomics<true>::cell<T>;
    using native::native;

    template <order, class Change>
    bool update(Change&& change) noexcept {
      T word = native::template load<order::acquire>();
      if (!change(word)) {
        return false;
      }
      std::this_thread::yield();
      native::template store<order::release>(word);
      return true;
    }
  };
};

/// At level none, where a link is always a block's number: what goes wrong can be looked at afterwards.
template <class Atomics>
struct shared_pool
    : engine::lockfree_pool<block_size, alignof(void*), check_level::none, uint32_t, Atomics> {
  static constexpr size_t blocks = 4 * threads;  // enough for all
  static_region<shared_pool::bytes_for(blocks)> memory;

  void use_it(events& seen) {
    ASSERT_EQ(this->init(memory), status::ok);
    run_crowd(seen, [this](events& e, const std::atomic<bool>& stop) { use(*this, e, stop); });
  }
};

#if defined(__SANITIZE_THREAD__)
TEST(planted_race, relaxed_accesses_are_a_data_race) {
  shared_pool<relaxed_atomics> pool;
  events seen;
  pool.use_it(seen);
  EXPECT_EQ(pool.validate(), status::ok) << "nothing else finds it";
}
#else
TEST(planted_race, a_load_and_a_store_in_the_place_of_an_update_are_found) {
  shared_pool<torn_atomics> pool;
  events seen;
  pool.use_it(seen);
  EXPECT_TRUE(seen.failures != 0 || pool.validate() != status::ok ||
              pool.usage().blocks_in_use != 0);
}
#endif

}  // namespace
}  // namespace acre::test::stress
