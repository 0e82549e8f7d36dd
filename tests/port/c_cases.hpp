// SPDX-License-Identifier: MIT
// The C allocators as cases of the laws: what C++ allocators must do, these must do. What a case expects of
// sizes comes from the C++ allocator of the same kind.
#pragma once

#include "conformance/buddy_cases.hpp"
#include "conformance/heap_cases.hpp"
#include "conformance/pool_cases.hpp"
#include "conformance/slab_cases.hpp"

#include <acre.h>

#include <acre/config.hpp>

namespace acre::test {

inline constexpr check_level c_level = config::default_checks;

/// What an acre_lock's functions do here: count, and hand their state back.
struct c_lock {
  static uintptr_t lock(void* context) {
    static_cast<counting_lock*>(context)->lock();
    return counting_lock::taken;
  }
  static void unlock(void* context, uintptr_t state) {
    counting_lock::nested += state == counting_lock::taken ? 0U : 1U;
    static_cast<counting_lock*>(context)->unlock();
  }
  static inline counting_lock counter;
  static constexpr acre_lock hooks{&lock, &unlock, nullptr, &counter};
};

/// The functions of one kind behind the interface of a C++ allocator. `Derived` has create, take and give.
template <class Handle, class Derived>
class c_allocator {
 public:
  using policies_type = policies<no_lock, checks<c_level>, usage_counters>;

  status init(region memory) noexcept {
    counters_ = {};
    const acre_status result = Derived::create(&handle_, memory.begin, memory.size);
    EXPECT_EQ(handle_ != nullptr, result == ACRE_OK);
    return static_cast<status>(result);
  }
  [[nodiscard]] void* allocate(layout l) noexcept {
    void* const block = Derived::take(handle_, l.size, l.align);
    if (block == nullptr) {
      counters_.on_exhausted(l.size);
    }
    note();
    return block;
  }
  status deallocate(void* block, layout l) noexcept {
    const auto result = static_cast<status>(Derived::give(handle_, block, l.size, l.align));
    if (is_misuse(result)) {
      counters_.on_refused();
    }
    note();
    if (result == status::not_initialised) {
      // A null handle: C++ says this of an allocator that was never initialised.
      return block == nullptr ? status::ok
                              : detail::raise_misuse(status::foreign_pointer, block, this, nullptr);
    }
    return result;
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return Derived::has(handle_, p);
  }
  [[nodiscard]] acre::usage usage() const noexcept {
    const acre_usage u = Derived::used(handle_);
    return {u.bytes_in_use, u.blocks_in_use, u.bytes_free, u.bytes_overhead};
  }
  [[nodiscard]] size_t largest_free() const noexcept {
    return Derived::largest(handle_);
  }
  [[nodiscard]] status validate() const noexcept {
    return static_cast<status>(Derived::check(handle_));
  }
  [[nodiscard]] const usage_counters& observer() const noexcept {
    return counters_;
  }
  [[nodiscard]] Handle* handle() const noexcept {
    return handle_;
  }

 protected:
  void note() noexcept {
    const acre_usage u = Derived::used(handle_);
    counters_.on_usage(u.bytes_in_use, u.blocks_in_use);
  }

 private:
  Handle* handle_ = nullptr;
  usage_counters counters_;
};

#define ACRE_TEST_C_FUNCTIONS(kind)                            \
  static constexpr auto has = &acre_##kind##_owns;             \
  static constexpr auto used = &acre_##kind##_usage;           \
  static constexpr auto largest = &acre_##kind##_largest_free; \
  static constexpr auto check = &acre_##kind##_validate

struct c_pool : c_allocator<acre_pool, c_pool> {
  static constexpr size_t block_bytes = 24;
  static constexpr size_t block_alignment = 8;
  ACRE_TEST_C_FUNCTIONS(pool);
  static constexpr auto take = &acre_pool_allocate_aligned;

  static acre_status create(acre_pool** pool, void* memory, size_t bytes) {
    return acre_pool_create(pool, memory, bytes, block_bytes, 0, &c_lock::hooks);
  }
  // C has no free with an alignment for pools: it is that of every block.
  static acre_status give(acre_pool* pool, void* block, size_t size, size_t) {
    return acre_pool_free_sized(pool, block, size);
  }
  static size_t required_bytes(size_t blocks, size_t) {
    return acre_pool_required_bytes(block_bytes, 0, blocks);
  }
};

struct c_lockfree_pool : c_allocator<acre_lockfree_pool, c_lockfree_pool> {
  static constexpr size_t block_bytes = 128;
  static constexpr size_t block_alignment = 32;
  ACRE_TEST_C_FUNCTIONS(lockfree_pool);
  static constexpr auto take = &acre_lockfree_pool_allocate_aligned;

  static acre_status create(acre_lockfree_pool** pool, void* memory, size_t bytes) {
    return acre_lockfree_pool_create(pool, memory, bytes, 100, 32);
  }
  static acre_status give(acre_lockfree_pool* pool, void* block, size_t size, size_t) {
    return acre_lockfree_pool_free_sized(pool, block, size);
  }
  static size_t required_bytes(size_t blocks, size_t) {
    return acre_lockfree_pool_required_bytes(100, 32, blocks);
  }
};

template <class Allocator>
struct c_pool_case : pool_laws<Allocator> {
  static constexpr bool failed_init_writes = true;  // the control block
  static constexpr const char* name =
      detail::is_same_v<Allocator, c_pool> ? "acre_pool" : "acre_lockfree_pool";
  static constexpr layout typical{Allocator::block_bytes, 1};

  static bool accepts(const block&, layout given) {
    return given.size <= Allocator::block_bytes;
  }
};

struct c_arena : c_allocator<acre_arena, c_arena> {
  ACRE_TEST_C_FUNCTIONS(arena);
  static constexpr auto take = &acre_arena_allocate_aligned;
  static constexpr auto give = &acre_arena_free_aligned;
  static inline uintptr_t begin = 0;

  static acre_status create(acre_arena** arena, void* memory, size_t bytes) {
    const acre_status result = acre_arena_create(arena, memory, bytes, &c_lock::hooks);
    begin = acre_arena_get_mark(*arena).place[1];
    return result;
  }
  void reset() {
    EXPECT_EQ(acre_arena_reset(handle()), handle() == nullptr ? ACRE_NOT_INITIALISED : ACRE_OK);
    note();
  }
};

struct c_arena_case : common_case {
  static constexpr bool failed_init_writes = true;  // the control block
  using allocator = c_arena;
  static constexpr giving order = giving::all_at_once;
  static constexpr size_t natural_align = default_alignment;
  static constexpr const char* name = "acre_arena";
  static constexpr layout typical{24, alignof(void*)};

  static layout shape(uint32_t bits) {
    return {random_size(bits, 200), random_align(bits >> 16, 256)};
  }
  static bool accepts(const block&, layout) {
    return true;
  }
  static size_t bytes_in_use(region, const block* live, size_t count) {
    return count == 0 ? 0
                      : reinterpret_cast<uintptr_t>(live[count - 1].begin) +
                            at_least_one(live[count - 1].size) - c_arena::begin;
  }
  static size_t required(size_t count, size_t) {
    return count > SIZE_MAX / 64 ? SIZE_MAX : acre_arena_required_bytes(count * typical.size);
  }
};

template <acre_stack_side Side>
struct c_stack : c_allocator<acre_stack, c_stack<Side>> {
  ACRE_TEST_C_FUNCTIONS(stack);
  static constexpr auto give = &acre_stack_free_aligned;
  static inline uintptr_t begin = 0;

  static acre_status create(acre_stack** stack, void* memory, size_t bytes) {
    const acre_status result = acre_stack_create(stack, memory, bytes, &c_lock::hooks);
    begin = acre_stack_get_mark(*stack, Side).place[0];
    return result;
  }
  static void* take(acre_stack* stack, size_t size, size_t align) {
    return acre_stack_allocate_aligned(stack, size, align, Side);
  }
  void reset() {
    EXPECT_EQ(acre_stack_reset(this->handle()),
              this->handle() == nullptr ? ACRE_NOT_INITIALISED : ACRE_OK);
    this->note();
  }
};

template <acre_stack_side Side>
struct c_stack_case : common_case {
  static constexpr bool failed_init_writes = true;  // the control block
  using allocator = c_stack<Side>;
  static constexpr size_t header_bytes = 2 * sizeof(void*);
  static constexpr giving order = giving::newest_first;
  static constexpr size_t natural_align = default_alignment;
  static constexpr const char* name = Side == ACRE_STACK_LOW ? "acre_stack_low" : "acre_stack_high";
  static constexpr layout typical{24, 8};

  static layout shape(uint32_t bits) {
    return {random_size(bits, 200), random_align(bits >> 16, 256)};
  }
  static bool accepts(const block& live, layout given) {
    return given.valid() && at_least_one(given.size) == at_least_one(live.size);
  }
  static size_t bytes_in_use(region, const block* live, size_t count) {
    if (count == 0) {
      return 0;
    }
    const auto newest = reinterpret_cast<uintptr_t>(live[count - 1].begin);
    const size_t span =
        Side == ACRE_STACK_LOW
            ? detail::round_up(newest + at_least_one(live[count - 1].size), default_alignment) -
                  allocator::begin
            : detail::round_down(allocator::begin, default_alignment) - newest;
    return span - (count - 1) * header_bytes;
  }
  static size_t required(size_t count, size_t) {
    return count > SIZE_MAX / 64
               ? SIZE_MAX
               : acre_stack_required_bytes(count * typical.size, count, typical.align);
  }
};

struct c_buddy : c_allocator<acre_buddy, c_buddy> {
  ACRE_TEST_C_FUNCTIONS(buddy);
  static constexpr auto take = &acre_buddy_allocate_aligned;
  static constexpr auto give = &acre_buddy_free_aligned;

  static acre_status create(acre_buddy** buddy, void* memory, size_t bytes) {
    return acre_buddy_create(buddy, memory, bytes, 16, &c_lock::hooks);
  }
};

struct c_buddy_case : buddy_case<16, c_level> {
  static constexpr bool failed_init_writes = true;  // the control block
  using cxx = buddy_case<16, c_level>::allocator;
  using allocator = c_buddy;
  static constexpr const char* name = "acre_buddy";

  template <class A>
  static void* allocate(A& a, layout wanted) {
    return a.allocate(wanted);
  }
  static size_t required(size_t count, size_t) {
    const size_t each = cxx::block_bytes(typical);
    return acre_buddy_required_bytes(16, count > SIZE_MAX / each ? SIZE_MAX : count * each,
                                     typical.size);
  }
};

template <bitmap Width>
struct c_slab : c_allocator<acre_slab, c_slab<Width>> {
  using cxx = slab_case<Width, default_slab_metadata, c_level>;
  ACRE_TEST_C_FUNCTIONS(slab);
  static constexpr auto take = &acre_slab_allocate_aligned;
  static constexpr auto give = &acre_slab_free_aligned;

  static acre_status create(acre_slab** slab, void* memory, size_t bytes) {
    return acre_slab_create(slab, memory, bytes, cxx::classes::sizes, cxx::classes::count,
                            cxx::slab_bytes, &c_lock::hooks);
  }
};

template <bitmap Width>
struct c_slab_case : c_slab<Width>::cxx {
  static constexpr bool failed_init_writes = true;  // the control block
  using cxx = typename c_slab<Width>::cxx;
  using allocator = c_slab<Width>;
  static constexpr const char* name =
      Width == bitmap::narrow ? "acre_slab_narrow" : "acre_slab_wide";

  static size_t required(size_t count, size_t) {
    const size_t each = acre_slab_blocks_per_slab(cxx::typical.size, cxx::slab_bytes);
    return acre_slab_required_bytes(cxx::classes::sizes, cxx::classes::count, cxx::slab_bytes,
                                    count / each + (count % each != 0 ? 1U : 0U));
  }
};

struct c_heap : c_allocator<acre_heap, c_heap> {
  ACRE_TEST_C_FUNCTIONS(heap);
  static constexpr auto take = &acre_heap_allocate_aligned;
  static constexpr auto give = &acre_heap_free_aligned;

  static acre_status create(acre_heap** heap, void* memory, size_t bytes) {
    return acre_heap_create(heap, memory, bytes, &c_lock::hooks);
  }
  [[nodiscard]] size_t usable_size(const void* block) const noexcept {
    return acre_heap_usable_size(handle(), block);
  }
};

using cxx_heap = heap<config::c_heap_max_bytes, watched<c_level>, 0>;

struct c_heap_case : heap_rules<cxx_heap, c_heap> {
  static constexpr bool failed_init_writes = true;  // the control block
  static constexpr const char* name = "acre_heap";

  static size_t required(size_t count, size_t) {
    const size_t each = cxx_heap::block_bytes(typical);
    return acre_heap_required_bytes(count > SIZE_MAX / each ? SIZE_MAX : count * each, typical.size,
                                    typical.size);
  }
};

#undef ACRE_TEST_C_FUNCTIONS

}  // namespace acre::test
