/* SPDX-License-Identifier: MIT
 * acre_pool: blocks of one size, O(1) in everything. For objects of one kind: packets, messages, nodes.
 * The C++ pool is <acre/pool.hpp>, where the block's size is a constant, and calls are shorter for it. */
#pragma once

#include <acre/c/terms.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct acre_pool acre_pool;

/* Enough for acre_pool_create() of `blocks` blocks of `block_size` bytes with the alignment 0, in any
 * configuration, as a constant: `static unsigned char memory[ACRE_POOL_BYTES(32, 10)]`. */
#define ACRE_POOL_BYTES(block_size, blocks)                                                  \
  (16 * sizeof(void*) + (size_t)(blocks) * (((size_t)(block_size) + 2 * sizeof(void*) - 1) / \
                                                (2 * sizeof(void*)) * (2 * sizeof(void*)) +  \
                                            1))

/* The size of a region, wherever it begins, that holds `blocks` blocks, their metadata and the control block.
 * `align` is as for acre_pool_create(). SIZE_MAX if there is none, or the arguments are not valid. */
ACRE_API size_t acre_pool_required_bytes(size_t block_size, size_t align,
                                         size_t blocks) ACRE_NOEXCEPT;

/* Makes a pool of blocks of `block_size` bytes from the region; as many as fit. `align` is a power of two, or 0
 * for the largest one that divides the size, up to two pointers'. `lock` may be null: then one context at a
 * time may call.
 * Returns ACRE_OK; or ACRE_INVALID_ARGUMENT (a null pointer, a region that wraps, a size of 0 or beyond
 * SIZE_MAX / 64, an alignment that is no power of two or beyond SIZE_MAX / 64, a lock without its functions) or
 * ACRE_REGION_TOO_SMALL, and then *pool is null. O(1). */
ACRE_API acre_status acre_pool_create(acre_pool** pool, void* memory, size_t bytes,
                                      size_t block_size, size_t align,
                                      const acre_lock* lock) ACRE_NOEXCEPT;

/* Ends the pool: its handle and its blocks are no longer valid, and the region is yours again. */
ACRE_API acre_status acre_pool_destroy(acre_pool* pool) ACRE_NOEXCEPT;

/* A block. Null iff none is left. O(1). */
ACRE_API void* acre_pool_allocate(acre_pool* pool) ACRE_NOEXCEPT;

/* A block. Null iff none is left, or blocks are smaller or less aligned than this. O(1). */
ACRE_API void* acre_pool_allocate_aligned(acre_pool* pool, size_t size, size_t align) ACRE_NOEXCEPT;

/* Gives a block back; null does nothing. Returns ACRE_OK; or ACRE_DOUBLE_FREE, ACRE_FOREIGN_POINTER,
 * ACRE_INTERIOR_POINTER or ACRE_MISALIGNED_POINTER, which are found at basic and full. O(1). */
ACRE_API acre_status acre_pool_free(acre_pool* pool, void* block) ACRE_NOEXCEPT;

/* The same, and ACRE_WRONG_SIZE for a size that is larger than a block. */
ACRE_API acre_status acre_pool_free_sized(acre_pool* pool, void* block, size_t size) ACRE_NOEXCEPT;

/* True iff `p` points into the blocks, live or not. From any context. */
ACRE_API bool acre_pool_owns(const acre_pool* pool, const void* p) ACRE_NOEXCEPT;

/* What every block has for its user: the block size, rounded up to the alignment. */
ACRE_API size_t acre_pool_usable_size(const acre_pool* pool) ACRE_NOEXCEPT;

/* The largest request that would be served now; 0 iff none. O(1). */
ACRE_API size_t acre_pool_largest_free(const acre_pool* pool) ACRE_NOEXCEPT;

/* O(blocks). */
ACRE_API acre_usage acre_pool_usage(const acre_pool* pool) ACRE_NOEXCEPT;

/* Calls visit(block, context) for each live block, highest address first, under the lock: it must not call this
 * pool. Returns how many; 0 at check level none, which does not know what is live. O(blocks). */
ACRE_API size_t acre_pool_walk(const acre_pool* pool, void (*visit)(void* block, void* context),
                               void* context) ACRE_NOEXCEPT;

/* Checks every invariant, reading only. Returns ACRE_OK or ACRE_CORRUPTED. O(blocks), at full O(region). */
ACRE_API acre_status acre_pool_validate(const acre_pool* pool) ACRE_NOEXCEPT;

#ifdef __cplusplus
}
#endif
