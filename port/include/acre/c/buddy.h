/* SPDX-License-Identifier: MIT
 * acre_buddy: blocks of a power of two, split and merged, each aligned to its own size. For buffers of few,
 * large sizes, with a proved bound on fragmentation. The C++ buddy is <acre/buddy.hpp>. */
#pragma once

#include <acre/c/terms.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct acre_buddy acre_buddy;

/* The size of a region, wherever it begins, in which no sequence of requests can fail, as long as the sum of
 * the live blocks (acre_buddy_block_size() of each) is at most `peak_live` and no block is larger than
 * `largest`. SIZE_MAX if there is none, or `smallest_block` is no power of two above 1. */
ACRE_API size_t acre_buddy_required_bytes(size_t smallest_block, size_t peak_live,
                                          size_t largest) ACRE_NOEXCEPT;

/* Makes a buddy of blocks of `smallest_block`, twice, four times ... as much from the region. `lock` may be
 * null: then one context at a time may call.
 * Returns ACRE_OK; or ACRE_INVALID_ARGUMENT (a null pointer, a region that wraps, a smallest block that is no
 * power of two above 1, a lock without its functions), ACRE_REGION_TOO_SMALL or ACRE_REGION_TOO_LARGE (more than
 * 2^31 smallest blocks), and then *buddy is null. O(smallest blocks / 32), at full O(region). */
ACRE_API acre_status acre_buddy_create(acre_buddy** buddy, void* memory, size_t bytes,
                                       size_t smallest_block, const acre_lock* lock) ACRE_NOEXCEPT;

/* Ends the buddy: its handle and its blocks are no longer valid, and the region is yours again. */
ACRE_API acre_status acre_buddy_destroy(acre_buddy* buddy) ACRE_NOEXCEPT;

/* A block, at a multiple of its own size as far as the region reaches. Null iff none is free. O(log blocks). */
ACRE_API void* acre_buddy_allocate(acre_buddy* buddy, size_t size) ACRE_NOEXCEPT;

/* A block at a multiple of `align`; null also if that is no power of two. O(log blocks). */
ACRE_API void* acre_buddy_allocate_aligned(acre_buddy* buddy, size_t size,
                                           size_t align) ACRE_NOEXCEPT;

/* Gives a block back; null does nothing. The size, and the alignment if there was one, are those of the
 * request. Returns ACRE_OK; or, at basic and full, ACRE_DOUBLE_FREE, ACRE_FOREIGN_POINTER,
 * ACRE_INTERIOR_POINTER, ACRE_MISALIGNED_POINTER or ACRE_WRONG_SIZE (another power of two). O(log blocks). */
ACRE_API acre_status acre_buddy_free_sized(acre_buddy* buddy, void* block,
                                           size_t size) ACRE_NOEXCEPT;
ACRE_API acre_status acre_buddy_free_aligned(acre_buddy* buddy, void* block, size_t size,
                                             size_t align) ACRE_NOEXCEPT;

/* The size of the block that serves a request; 0 if no power of two is large enough. O(1). */
ACRE_API size_t acre_buddy_block_size(const acre_buddy* buddy, size_t size,
                                      size_t align) ACRE_NOEXCEPT;

/* True iff `p` points into the blocks, live or not. From any context. */
ACRE_API bool acre_buddy_owns(const acre_buddy* buddy, const void* p) ACRE_NOEXCEPT;

/* The largest request that would be served now; 0 iff none. O(1). */
ACRE_API size_t acre_buddy_largest_free(const acre_buddy* buddy) ACRE_NOEXCEPT;

/* O(smallest blocks). */
ACRE_API acre_usage acre_buddy_usage(const acre_buddy* buddy) ACRE_NOEXCEPT;

/* Checks every invariant, reading only. Returns ACRE_OK or ACRE_CORRUPTED. O(smallest blocks), at full
 * O(region). */
ACRE_API acre_status acre_buddy_validate(const acre_buddy* buddy) ACRE_NOEXCEPT;

#ifdef __cplusplus
}
#endif
