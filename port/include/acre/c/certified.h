/* SPDX-License-Identifier: MIT
 * acre_certified: a part of the memory that cannot run out, and a heap for everything else. As long as the
 * requests to that part keep to the budget, none of them fails. The C++ one is <acre/certified.hpp>. */
#pragma once

#include <acre/c/terms.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct acre_certified acre_certified;

/* What the reserve has to serve, in bytes of its blocks, powers of two of at least 16: how much is live at most,
 * and the largest and the smallest block. */
typedef struct acre_workload {
  size_t peak_live;
  size_t largest;
  size_t smallest;
} acre_workload;

/* The bytes that the budget takes of a region; SIZE_MAX if it fits into none. The heap has what is left, but for
 * the control block. */
ACRE_API size_t acre_certified_reserved_bytes(acre_workload budget) ACRE_NOEXCEPT;

/* Makes one from the region. `lock` may be null: then one context at a time may call.
 * Returns ACRE_OK; or ACRE_INVALID_ARGUMENT (a null pointer, a region that wraps, a budget that fits into no
 * region, a lock without its functions), ACRE_REGION_TOO_SMALL or ACRE_REGION_TOO_LARGE, and then *certified is
 * null. */
ACRE_API acre_status acre_certified_create(acre_certified** certified, void* memory, size_t bytes,
                                           acre_workload budget,
                                           const acre_lock* lock) ACRE_NOEXCEPT;

/* Ends it: its handle and its blocks are no longer valid, and the region is yours again. */
ACRE_API acre_status acre_certified_destroy(acre_certified* certified) ACRE_NOEXCEPT;

/* A block from the heap. Null iff it is exhausted. O(1). */
ACRE_API void* acre_certified_allocate(acre_certified* certified, size_t size) ACRE_NOEXCEPT;
ACRE_API void* acre_certified_allocate_aligned(acre_certified* certified, size_t size,
                                               size_t align) ACRE_NOEXCEPT;

/* A block from the reserve. Never null as long as all its requests keep to the budget; one that breaks it is
 * refused with null, so that it cannot hurt the others. O(log reserve). */
ACRE_API void* acre_certified_allocate_reserved(acre_certified* certified,
                                                size_t size) ACRE_NOEXCEPT;
ACRE_API void* acre_certified_allocate_reserved_aligned(acre_certified* certified, size_t size,
                                                        size_t align) ACRE_NOEXCEPT;

/* Gives a block back to where it came from; null does nothing. The size, and the alignment if there was one, are
 * those of the request. Returns what acre_heap_free_aligned() and acre_buddy_free_aligned() return. */
ACRE_API acre_status acre_certified_free_sized(acre_certified* certified, void* block,
                                               size_t size) ACRE_NOEXCEPT;
ACRE_API acre_status acre_certified_free_aligned(acre_certified* certified, void* block,
                                                 size_t size, size_t align) ACRE_NOEXCEPT;

/* What of the budget is live, in bytes of blocks. O(1). */
ACRE_API size_t acre_certified_reserved_live(const acre_certified* certified) ACRE_NOEXCEPT;

/* True iff `p` points into the blocks, live or not. From any context. */
ACRE_API bool acre_certified_owns(const acre_certified* certified, const void* p) ACRE_NOEXCEPT;

/* The largest request that acre_certified_allocate() would serve now; 0 iff none. O(1). */
ACRE_API size_t acre_certified_largest_free(const acre_certified* certified) ACRE_NOEXCEPT;

/* Of both parts. O(region). */
ACRE_API acre_usage acre_certified_usage(const acre_certified* certified) ACRE_NOEXCEPT;

/* Checks every invariant of both parts, reading only. Returns ACRE_OK or ACRE_CORRUPTED. O(region). */
ACRE_API acre_status acre_certified_validate(const acre_certified* certified) ACRE_NOEXCEPT;

#ifdef __cplusplus
}
#endif
