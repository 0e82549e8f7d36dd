/* SPDX-License-Identifier: MIT
 * acre_lockfree_pool: blocks of one size for any number of producers and consumers, in any context: threads,
 * interrupts, cores. Nobody waits for anybody. The C++ one is <acre/lockfree_pool.hpp>. */
#pragma once

#include <acre/c/terms.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct acre_lockfree_pool acre_lockfree_pool;

/* As ACRE_POOL_BYTES. */
#define ACRE_LOCKFREE_POOL_BYTES(block_size, blocks)                                         \
  (16 * sizeof(void*) + (size_t)(blocks) * (((size_t)(block_size) + 2 * sizeof(void*) - 1) / \
                                                (2 * sizeof(void*)) * (2 * sizeof(void*)) +  \
                                            sizeof(void*) / 2))

/* As acre_pool_required_bytes(); SIZE_MAX also for more than 65,533 blocks where a pointer has 32 bits. */
ACRE_API size_t acre_lockfree_pool_required_bytes(size_t block_size, size_t align,
                                                  size_t blocks) ACRE_NOEXCEPT;

/* As acre_pool_create(), without a lock, because none is needed. O(blocks). */
ACRE_API acre_status acre_lockfree_pool_create(acre_lockfree_pool** pool, void* memory,
                                               size_t bytes, size_t block_size,
                                               size_t align) ACRE_NOEXCEPT;

/* When nobody calls it any more. */
ACRE_API acre_status acre_lockfree_pool_destroy(acre_lockfree_pool* pool) ACRE_NOEXCEPT;

/* A block. Null iff none is left. From any context, lock-free. */
ACRE_API void* acre_lockfree_pool_allocate(acre_lockfree_pool* pool) ACRE_NOEXCEPT;

/* As acre_pool_allocate_aligned(). From any context, lock-free. */
ACRE_API void* acre_lockfree_pool_allocate_aligned(acre_lockfree_pool* pool, size_t size,
                                                   size_t align) ACRE_NOEXCEPT;

/* A block; null also if others have come in between `attempts` times. From any context, bounded. */
ACRE_API void* acre_lockfree_pool_try_allocate(acre_lockfree_pool* pool,
                                               unsigned attempts) ACRE_NOEXCEPT;

/* As acre_pool_free(), and a mistake is refused exactly once however many make it. From any context,
 * lock-free. */
ACRE_API acre_status acre_lockfree_pool_free(acre_lockfree_pool* pool, void* block) ACRE_NOEXCEPT;
ACRE_API acre_status acre_lockfree_pool_free_sized(acre_lockfree_pool* pool, void* block,
                                                   size_t size) ACRE_NOEXCEPT;

/* Writes up to `count` blocks to blocks[0], blocks[1] ...; returns how many, fewer only if no more were left.
 * They leave the pool in one step. O(count), from any context, lock-free. */
ACRE_API size_t acre_lockfree_pool_take(acre_lockfree_pool* pool, void** blocks,
                                        size_t count) ACRE_NOEXCEPT;

/* Gives `count` blocks back in one step; nulls among them do nothing. Returns ACRE_OK, or the first mistake
 * that was found, and then nothing has changed. O(count), from any context, lock-free. */
ACRE_API acre_status acre_lockfree_pool_give(acre_lockfree_pool* pool, void* const* blocks,
                                             size_t count) ACRE_NOEXCEPT;

/* True iff `p` points into the blocks, live or not. From any context. */
ACRE_API bool acre_lockfree_pool_owns(const acre_lockfree_pool* pool, const void* p) ACRE_NOEXCEPT;

/* What every block has for its user. From any context. */
ACRE_API size_t acre_lockfree_pool_usable_size(const acre_lockfree_pool* pool) ACRE_NOEXCEPT;

/* The largest request that would be served now; 0 iff none. From any context. */
ACRE_API size_t acre_lockfree_pool_largest_free(const acre_lockfree_pool* pool) ACRE_NOEXCEPT;

/* From any context; exact while nobody else calls. O(blocks). */
ACRE_API acre_usage acre_lockfree_pool_usage(const acre_lockfree_pool* pool) ACRE_NOEXCEPT;

/* Checks every invariant, reading only; exact while nobody else calls. Returns ACRE_OK or ACRE_CORRUPTED.
 * O(blocks), at full O(region). */
ACRE_API acre_status acre_lockfree_pool_validate(const acre_lockfree_pool* pool) ACRE_NOEXCEPT;

#ifdef __cplusplus
}
#endif
