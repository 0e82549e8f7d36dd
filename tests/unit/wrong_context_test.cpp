// SPDX-License-Identifier: MIT
// At full a call from the wrong context is found before anything changes: one that the lock does not allow,
// and one that comes while another is in progress, from a hook, a visitor or an interrupt.
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq_lock.hpp>

#include "unit/wrong_context.hpp"

namespace acre::test {
namespace {

// A hook that calls the allocator whose fault it is told of. It is refused and told of that once, and not
// again when it calls again.
template <class A>
struct calling_hook {
  static inline A allocator;
  static inline unsigned told = 0;
  static inline status codes[4] = {};
  static inline void* answer = nullptr;
  static inline status audit = status::ok;

  static void hook(const fault& f) noexcept {
    if (told < 4) {
      codes[told] = f.code;
    }
    ++told;
    answer = allocator.allocate(shape);
    audit = allocator.validate();
  }
};

template <class A>
void find_a_hook_that_calls() {
  using caller = calling_hook<A>;
  caller::told = 0;
  caller::answer = &caller::told;
  A& a = caller::allocator;
  ASSERT_EQ(a.init(memory), status::ok);
  void* block = a.allocate(shape);
  ASSERT_EQ(a.deallocate(block, shape), status::ok);
  const usage before = a.usage();
  const fault_hook previous = set_fault_hook(caller::hook);
  EXPECT_EQ(a.deallocate(block, shape), status::double_free);
  static_cast<void>(set_fault_hook(previous));
  // The double free, its allocate, its validate; what these are told of calls too, and is silent.
  EXPECT_EQ(caller::told, 3U);
  EXPECT_EQ(caller::codes[0], status::double_free);
  EXPECT_EQ(caller::codes[1], no);
  EXPECT_EQ(caller::codes[2], no);
  EXPECT_EQ(caller::answer, nullptr);
  EXPECT_EQ(caller::audit, no);
  EXPECT_EQ(a.usage(), before);
  EXPECT_EQ(a.validate(), status::ok);
  EXPECT_NE(a.allocate(shape), nullptr) << "works as before";
}

TEST_F(wrong_context, is_found_in_a_fault_hook) {
  find_a_hook_that_calls<pool<16, full<no_lock>>>();
  find_a_hook_that_calls<pool<16, full<obedient_lock>>>();
  find_a_hook_that_calls<pool<16, full<platform::irq_lock>>>();
  find_a_hook_that_calls<stack<full<no_lock>>>();
  find_a_hook_that_calls<buddy<16, full<no_lock>>>();
  find_a_hook_that_calls<slab<size_classes<16, 32>, full<platform::irq_lock>, 512>>();
  find_a_hook_that_calls<heap<2048, full<no_lock>, 0>>();
  find_a_hook_that_calls<heap<2048, full<platform::irq_lock>, 32>>();
  find_a_hook_that_calls<certified<workload{64, 16, 16}, 2048, full<no_lock>>>();
}

TEST_F(wrong_context, is_no_other_allocator_that_the_hook_calls) {
  static pool<16, full<platform::irq_lock>> other;
  static pool<16, full<platform::irq_lock>> a;
  static static_region<256> more;
  static void* answer;
  ASSERT_EQ(a.init(memory), status::ok);
  ASSERT_EQ(other.init(more), status::ok);
  answer = nullptr;
  const fault_hook previous =
      set_fault_hook([](const fault&) noexcept { answer = other.allocate(); });
  EXPECT_EQ(a.deallocate(hidden(&answer)), status::foreign_pointer);
  static_cast<void>(set_fault_hook(previous));
  EXPECT_NE(answer, nullptr);
}

TEST_F(wrong_context, is_found_in_visitors_and_destructors) {
  const fault_recorder faults;
  static pool<16, full<no_lock>> p;
  ASSERT_EQ(p.init(memory), status::ok);
  static_cast<void>(p.allocate());
  const auto free_it = [](void* block) { EXPECT_EQ(p.deallocate(block), no); };
  p.for_each_live(free_it);
  EXPECT_EQ(fault_recorder::total(), 1U);
  pool_cursor cursor;
  EXPECT_EQ(p.walk_step(cursor, 1, free_it), status::ok);
  EXPECT_EQ(fault_recorder::total(), 2U);

  static heap<2048, full<no_lock>, 0> h;
  ASSERT_EQ(h.init(memory), status::ok);
  h.walk([](const heap_block&) {
    EXPECT_EQ(h.allocate(16), nullptr);
    return false;
  });
  EXPECT_EQ(fault_recorder::total(), 3U);

  static arena<full<no_lock>> a;
  struct careless {
    ~careless() {
      EXPECT_EQ(a.allocate(shape), nullptr);
    }
  };
  ASSERT_EQ(a.init(memory), status::ok);
  ASSERT_NE(a.construct_finalized<careless>(), nullptr);
  a.reset();
  EXPECT_EQ(fault_recorder::total(), 4U);
  EXPECT_EQ(fault_recorder::count(no), 4U);
}

// An observer is told in the middle of a call: what it raises is an interrupt between two instructions.
struct interrupting_observer : no_observer {
  void on_allocate(size_t) noexcept {
    platform::raise_interrupt();
  }
};

template <class Pool>
struct handler {
  static inline Pool blocks;
  static inline void* answer = nullptr;
  static inline bool called = false;

  // Its own allocation raises the interrupt again, which is its own, and waits for its end.
  static void take() noexcept {
    if (!called) {
      called = true;
      answer = blocks.allocate();
    }
  }
};

template <class Lock>
void interrupt_a_call(bool refused) {
  using in = handler<pool<16, policies<Lock, checks_full, interrupting_observer>>>;
  const fault_recorder faults;
  in::called = false;
  ASSERT_EQ(in::blocks.init(memory), status::ok);
  platform::set_interrupt_handler(in::take);
  EXPECT_NE(in::blocks.allocate(), nullptr);
  platform::set_interrupt_handler(nullptr);
  EXPECT_TRUE(in::called);
  EXPECT_EQ(in::answer == nullptr, refused);
  EXPECT_EQ(fault_recorder::count(no), refused ? 1U : 0U);
  EXPECT_EQ(in::blocks.usage().blocks_in_use, refused ? 1U : 2U);
  EXPECT_EQ(in::blocks.validate(), status::ok);
}

TEST_F(wrong_context, is_found_in_an_interrupt_during_a_call_without_a_lock) {
  interrupt_a_call<no_lock>(true);
}

TEST_F(wrong_context, is_not_an_interrupt_that_waited_for_the_lock) {
  interrupt_a_call<platform::irq_lock>(false);
}

struct calling_context {
  static inline uintptr_t who = 1;

  static bool in_interrupt() noexcept {
    return platform::in_interrupt();
  }
  static uintptr_t token() noexcept {
    return who;
  }
};

struct plain_mutex {
  unsigned held = 0;

  void lock() noexcept {
    EXPECT_EQ(held, 0U) << "would wait for ever";
    ++held;
  }
  void unlock() noexcept {
    --held;
  }
};

TEST_F(wrong_context, of_a_mutex_is_an_interrupt_and_the_thread_that_holds_it) {
  using mutex = mutex_lock<plain_mutex, calling_context>;
  find_a_hook_that_calls<pool<16, full<mutex>>>();

  static pool<16, full<mutex>> a;
  static void* answer;
  const fault_recorder faults;
  ASSERT_EQ(a.init(memory), status::ok);
  answer = &answer;
  platform::set_interrupt_handler([]() noexcept { answer = a.allocate(); });
  platform::raise_interrupt();
  platform::set_interrupt_handler(nullptr);
  EXPECT_EQ(answer, nullptr);
  EXPECT_EQ(fault_recorder::count(no), 1U);
  EXPECT_FALSE(platform::in_interrupt());

  mutex lock;
  lock.lock();
  EXPECT_FALSE(lock.may_lock());
  calling_context::who = 2;
  EXPECT_TRUE(lock.may_lock()) << "another thread waits";
  calling_context::who = 1;
  lock.unlock();
  EXPECT_TRUE(lock.may_lock());
}

// A hook that does not return leaves its call behind, as a debugger or a longjmp does. Here the hook
// initialises the allocator anew while its call is in progress.
TEST_F(wrong_context, is_forgotten_by_init) {
  static pool<16, full<no_lock>> a;
  ASSERT_EQ(a.init(memory), status::ok);
  static status inside;
  const fault_hook previous =
      set_fault_hook([](const fault&) noexcept { inside = a.init(memory); });
  EXPECT_EQ(a.deallocate(hidden(&inside)), status::foreign_pointer);
  static_cast<void>(set_fault_hook(previous));
  EXPECT_EQ(inside, status::ok);
  EXPECT_NE(a.allocate(), nullptr);
}

TEST_F(wrong_context, is_asked_for_at_full_only) {
  static pool<16, policies<obedient_lock, checks_basic, no_observer>> a;
  ASSERT_EQ(a.init(memory), status::ok);
  obedient_lock::allowed = false;
  EXPECT_NE(a.allocate(), nullptr);
  obedient_lock::allowed = true;
  static_assert(sizeof(checked_lock<no_lock, check_level::full>) == 2);
  static_assert(sizeof(pool<16, policies<no_lock, checks_basic, no_observer>>) ==
                4 * sizeof(void*));
}

// Two locks as one.
TEST_F(wrong_context, of_both_locks_is_that_of_either) {
  using pair = both<platform::irq_lock, obedient_lock>;
  static_assert(lock_policy<pair> && context_checking_lock<pair> && state_lock<pair>);
  pair lock;
  EXPECT_TRUE(lock.may_lock());
  {
    const lock_guard guard(lock);
    EXPECT_EQ(obedient_lock::held, 1U);
  }
  obedient_lock::allowed = false;
  EXPECT_FALSE(lock.may_lock());
}

}  // namespace
}  // namespace acre::test
