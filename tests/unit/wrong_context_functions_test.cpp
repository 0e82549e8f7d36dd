// SPDX-License-Identifier: MIT
// Every public function refuses a call from the wrong context in its own way, before anything changes.
#include "unit/wrong_context.hpp"

namespace acre::test {
namespace {

// What all allocators have.
template <class A>
void refuse_common_calls(A& a, void* block) {
  EXPECT_EQ(a.allocate(shape), nullptr);
  EXPECT_EQ(a.deallocate(block, shape), no);
  EXPECT_EQ(fault_recorder::last().address, block);
  EXPECT_EQ(fault_recorder::last().allocator, &a);
  EXPECT_NE(fault_recorder::last().call_site, nullptr);
  EXPECT_EQ(a.usage(), usage{});
  EXPECT_EQ(a.largest_free(), 0U);
  EXPECT_EQ(a.validate(), no);
  EXPECT_EQ(a.init({}), no);
}
constexpr unsigned common_calls = 6;

// Those in steps: nothing is added to the sum, and the cursor stays where it is.
template <class A, class Cursor>
void refuse_steps(const A& a, Cursor cursor) {
  usage sum;
  EXPECT_EQ(a.validate_step(cursor, 100), no);
  EXPECT_EQ(a.usage_step(cursor, 100, sum), no);
  EXPECT_EQ(sum, usage{});
  EXPECT_FALSE(cursor.finished());
}

TEST_F(wrong_context, is_refused_by_each_function_of_a_pool) {
  static pool<16, asked> a;
  ASSERT_EQ(a.init(memory), status::ok);
  void* block = a.allocate();
  const usage before = a.usage();
  refuse(common_calls + 7, [block] {
    refuse_common_calls(a, block);
    pool_cursor cursor;
    refuse_steps(a, cursor);
    EXPECT_EQ(a.walk_step(cursor, 1, [](void*) { FAIL() << "visited"; }), no);
    EXPECT_EQ(a.allocate(), nullptr);
    EXPECT_EQ(a.deallocate(block), no);
    EXPECT_FALSE(a.is_live(block, shape));
    a.for_each_live([](void*) { FAIL() << "visited"; });
  });
  EXPECT_EQ(a.usage(), before);
  EXPECT_EQ(a.deallocate(block), status::ok);
}

TEST_F(wrong_context, is_refused_by_each_function_of_an_arena) {
  static arena<asked> a;
  ASSERT_EQ(a.init(memory), status::ok);
  void* block = a.allocate(shape);
  const arena_mark mark = a.mark();
  const usage before = a.usage();
  refuse(common_calls + 7, [block, &mark] {
    refuse_common_calls(a, block);
    EXPECT_FALSE(a.owns(block)) << "its regions change";
    arena_cursor cursor;
    EXPECT_EQ(a.validate_step(cursor, 1), no);
    EXPECT_EQ(a.construct<int>(1), nullptr);
    EXPECT_EQ(a.construct_finalized<int>(1), nullptr);
    EXPECT_EQ(a.mark().chunk, nullptr);
    EXPECT_EQ(a.release_to(mark), no);
    a.reset();
  });
  EXPECT_EQ(a.usage(), before);
}

TEST_F(wrong_context, is_refused_by_each_function_of_a_stack) {
  static stack<asked> a;
  ASSERT_EQ(a.init(memory), status::ok);
  void* block = a.allocate(shape);
  const stack_mark mark = a.mark();
  const usage before = a.usage();
  refuse(common_calls + 6, [block, &mark] {
    refuse_common_calls(a, block);
    stack_cursor cursor;
    EXPECT_EQ(a.validate_step(cursor, 1), no);
    EXPECT_EQ(a.allocate(shape, stack_side::high), nullptr);
    EXPECT_FALSE(a.is_live(block, shape));
    EXPECT_EQ(a.mark().edge, 0U);
    EXPECT_EQ(a.release_to(mark), no);
    a.reset();
  });
  EXPECT_EQ(a.usage(), before);
}

TEST_F(wrong_context, is_refused_by_each_function_of_buddy_and_slab) {
  static buddy<16, asked> b;
  ASSERT_EQ(b.init(memory), status::ok);
  void* block = b.allocate(shape);
  refuse(common_calls + 3, [block] {
    refuse_common_calls(b, block);
    refuse_steps(b, buddy_cursor{});
    EXPECT_FALSE(b.is_live(block, shape));
  });
  EXPECT_EQ(b.deallocate(block, shape), status::ok);

  static slab<size_classes<16, 32>, asked, 512> s;
  ASSERT_EQ(s.init(memory), status::ok);
  block = s.allocate(shape);
  refuse(common_calls + 3, [block] {
    refuse_common_calls(s, block);
    refuse_steps(s, slab_cursor{});
    EXPECT_FALSE(s.is_live(block, shape));
  });
  EXPECT_EQ(s.deallocate(block, shape), status::ok);

  static slab_cache<int, asked, 512> c;
  ASSERT_EQ(c.init(memory), status::ok);
  int* object = c.acquire();
  refuse(5, [object] {
    refuse_steps(c, slab_cursor{});
    EXPECT_EQ(c.acquire(), nullptr);
    EXPECT_EQ(c.release(object), no);
    EXPECT_EQ(c.trim(), 0U);
  });
  EXPECT_EQ(c.release(object), status::ok);
}

TEST_F(wrong_context, is_refused_by_each_function_of_a_heap) {
  static heap<2048, asked, 0> a;
  ASSERT_EQ(a.init(memory), status::ok);
  void* block = a.allocate(shape);
  const usage before = a.usage();
  refuse(common_calls + 15, [block] {
    refuse_common_calls(a, block);
    EXPECT_EQ(a.allocate(16), nullptr);
    EXPECT_EQ(a.allocate_at_least(16).address, nullptr);
    EXPECT_EQ(a.allocate_zeroed(4, 4), nullptr);
    EXPECT_EQ(a.deallocate(block), no);
    EXPECT_EQ(a.deallocate(block, 16), no);
    EXPECT_EQ(a.add_region({}), no);
    EXPECT_EQ(a.usable_size(block), 0U);
    EXPECT_FALSE(a.try_resize(block, 32));
    EXPECT_EQ(a.try_extend_left(block, 32), nullptr);
    EXPECT_EQ(a.free_bytes(), 0U);
    const auto visit = [](const heap_block&) {
      ADD_FAILURE() << "visited";
      return true;
    };
    a.walk(visit);
    heap_cursor cursor;
    EXPECT_EQ(a.walk_step(cursor, 1, visit), no);
    refuse_steps(a, cursor);
    EXPECT_FALSE(a.is_live(block, shape));
  });
  refuse(2, [block] { EXPECT_EQ(a.reallocate(block, 32), nullptr); });  // try_resize, usable_size
  EXPECT_EQ(a.usage(), before);
  EXPECT_EQ(a.deallocate(block, 16), status::ok);
}

TEST_F(wrong_context, is_refused_by_each_function_of_a_certified) {
  static certified<workload{64, 16, 16}, 2048, asked> a;
  ASSERT_EQ(a.init(memory), status::ok);
  void* block = a.allocate_reserved(shape);
  const usage before = a.usage();
  refuse(common_calls + 4, [block] {
    refuse_common_calls(a, block);
    refuse_steps(a, certified_cursor{});
    EXPECT_EQ(a.allocate_reserved(shape), nullptr);
    EXPECT_EQ(a.reserved_live(), 0U);
  });
  EXPECT_EQ(a.usage(), before);
  EXPECT_EQ(a.reserved_live(), 16U);
  EXPECT_EQ(a.deallocate(block, shape), status::ok);
}

template <class A>
void ask_who_owns(A& a) {
  ASSERT_EQ(a.init(memory), status::ok);
  void* block = a.allocate(shape);
  obedient_lock::allowed = false;
  EXPECT_TRUE(a.owns(block));
  EXPECT_FALSE(a.owns(&a));
  obedient_lock::allowed = true;
}

TEST_F(wrong_context, is_none_for_owns_where_bounds_do_not_change) {
  const fault_recorder faults;
  static pool<16, asked> p;
  ask_who_owns(p);
  static stack<asked> s;
  ask_who_owns(s);
  static buddy<16, asked> b;
  ask_who_owns(b);
  static slab<size_classes<16, 32>, asked, 512> c;
  ask_who_owns(c);
  static heap<2048, asked, 0> h;
  ask_who_owns(h);
  EXPECT_EQ(fault_recorder::total(), 0U);
}

TEST_F(wrong_context, is_refused_by_each_function_of_a_growing) {
  static growing<pool<16, full<no_lock>>, region_list_source, obedient_lock> a;
  ASSERT_EQ(a.source().add(memory), status::ok);
  void* block = a.allocate(shape);
  ASSERT_NE(block, nullptr) << "which calls the pool within: another allocator";
  const usage before = a.usage();
  refuse(9, [block] {
    refuse_steps(a, growing_cursor<pool_cursor>{});
    EXPECT_EQ(a.allocate(shape), nullptr);
    EXPECT_EQ(a.deallocate(block, shape), no);
    EXPECT_FALSE(a.owns(block));
    EXPECT_EQ(a.usage(), usage{});
    EXPECT_EQ(a.largest_free(), 0U);
    EXPECT_EQ(a.trim(), 0U);
    a.release_all();
  });
  EXPECT_EQ(a.usage(), before);
  EXPECT_EQ(a.deallocate(block, shape), status::ok);
}

}  // namespace
}  // namespace acre::test
