// SPDX-License-Identifier: MIT
// Of one kind of the C API, ACRE_SIZE_KIND: create, allocate and free, once each.
#include <acre.h>

#include "probe.hpp"

namespace probe {

inline acre_status create(acre_pool** pool, void* memory, size_t bytes) {
  return acre_pool_create(pool, memory, bytes, opaque<size_t>(32), 0, nullptr);
}
inline void* take(acre_pool* pool, size_t) {
  return acre_pool_allocate(pool);
}
inline acre_status give(acre_pool* pool, void* block, size_t) {
  return acre_pool_free(pool, block);
}

inline acre_status create(acre_lockfree_pool** pool, void* memory, size_t bytes) {
  return acre_lockfree_pool_create(pool, memory, bytes, opaque<size_t>(32), 0);
}
inline void* take(acre_lockfree_pool* pool, size_t) {
  return acre_lockfree_pool_allocate(pool);
}
inline acre_status give(acre_lockfree_pool* pool, void* block, size_t) {
  return acre_lockfree_pool_free(pool, block);
}

inline acre_status create(acre_arena** arena, void* memory, size_t bytes) {
  return acre_arena_create(arena, memory, bytes, nullptr);
}
inline void* take(acre_arena* arena, size_t size) {
  return acre_arena_allocate(arena, size);
}
inline acre_status give(acre_arena* arena, void* block, size_t size) {
  return acre_arena_free_sized(arena, block, size);
}

inline acre_status create(acre_stack** stack, void* memory, size_t bytes) {
  return acre_stack_create(stack, memory, bytes, nullptr);
}
inline void* take(acre_stack* stack, size_t size) {
  return acre_stack_allocate(stack, size);
}
inline acre_status give(acre_stack* stack, void* block, size_t size) {
  return acre_stack_free_sized(stack, block, size);
}

inline acre_status create(acre_buddy** buddy, void* memory, size_t bytes) {
  return acre_buddy_create(buddy, memory, bytes, opaque<size_t>(16), nullptr);
}
inline void* take(acre_buddy* buddy, size_t size) {
  return acre_buddy_allocate(buddy, size);
}
inline acre_status give(acre_buddy* buddy, void* block, size_t size) {
  return acre_buddy_free_sized(buddy, block, size);
}

inline constexpr size_t sizes[] = {8, 16, 24, 32, 48, 64, 96, 128};

inline acre_status create(acre_slab** slab, void* memory, size_t bytes) {
  return acre_slab_create(slab, memory, bytes, sizes, 8, 512, nullptr);
}
inline void* take(acre_slab* slab, size_t size) {
  return acre_slab_allocate(slab, size);
}
inline acre_status give(acre_slab* slab, void* block, size_t size) {
  return acre_slab_free_sized(slab, block, size);
}

inline acre_status create(acre_heap** heap, void* memory, size_t bytes) {
  return acre_heap_create(heap, memory, bytes, nullptr);
}
inline void* take(acre_heap* heap, size_t size) {
  return acre_heap_allocate(heap, size);
}
inline acre_status give(acre_heap* heap, void* block, size_t) {
  return acre_heap_free(heap, block);
}

}  // namespace probe

extern "C" int acre_main() {
  ACRE_SIZE_KIND* handle = nullptr;
  const acre::region memory = probe::region();
  if (probe::create(&handle, memory.begin, memory.size) != ACRE_OK) {
    return 1;
  }
  const size_t size = probe::opaque<size_t>(24);
  return probe::give(handle, probe::opaque(probe::take(handle, size)), size);
}
