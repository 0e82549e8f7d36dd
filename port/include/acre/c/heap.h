/* SPDX-License-Identifier: MIT
 * acre_heap: blocks of any size, allocated and freed in any order, in constant time. The C++ heap is
 * <acre/heap.hpp>. */
#pragma once

#include <acre/c/terms.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct acre_heap acre_heap;

/* One block, as acre_heap_walk() shows it. `size` is what its user has. */
typedef struct acre_heap_block {
  void* address;
  size_t size;
  bool live;
} acre_heap_block;

/* How many bytes of addresses the regions of one heap may span: CONFIG_ACRE_PORT_C_HEAP_MAX_BYTES. */
ACRE_API size_t acre_heap_max_bytes(void) ACRE_NOEXCEPT;

/* The size of a region, wherever it begins, in which no sequence of requests can fail, as long as the sum of
 * the live blocks, headers and rounding included, is at most `peak_live`, every request is between `smallest`
 * and `largest`, and none names an alignment above two pointers'. SIZE_MAX if there is none. */
ACRE_API size_t acre_heap_required_bytes(size_t peak_live, size_t largest,
                                         size_t smallest) ACRE_NOEXCEPT;

/* Makes a heap from the region. `lock` may be null: then one context at a time may call.
 * Returns ACRE_OK; or ACRE_INVALID_ARGUMENT (a null pointer, a region that wraps, a lock without its
 * functions), ACRE_REGION_TOO_SMALL or ACRE_REGION_TOO_LARGE (above acre_heap_max_bytes()), and then *heap is
 * null. O(region / 512), at none O(1), at full O(region). */
ACRE_API acre_status acre_heap_create(acre_heap** heap, void* memory, size_t bytes,
                                      const acre_lock* lock) ACRE_NOEXCEPT;

/* Adds a further region, above the first and within acre_heap_max_bytes() of its begin. Returns ACRE_OK; or
 * ACRE_INVALID_ARGUMENT (null, empty, wraps, or overlaps one of the heap's), ACRE_REGION_TOO_SMALL or
 * ACRE_REGION_OUT_OF_REACH. As acre_heap_create(). */
ACRE_API acre_status acre_heap_add_region(acre_heap* heap, void* memory,
                                          size_t bytes) ACRE_NOEXCEPT;

/* Ends the heap: its handle and its blocks are no longer valid, and the regions are yours again. */
ACRE_API acre_status acre_heap_destroy(acre_heap* heap) ACRE_NOEXCEPT;

/* A block. Null iff no free block is large enough that is found in constant time (see <acre/heap.hpp>). O(1). */
ACRE_API void* acre_heap_allocate(acre_heap* heap, size_t size) ACRE_NOEXCEPT;

/* A block at a multiple of `align`; null also if that is no power of two. O(1). */
ACRE_API void* acre_heap_allocate_aligned(acre_heap* heap, size_t size, size_t align) ACRE_NOEXCEPT;

/* A zeroed block for `count` objects of `size` bytes; null also if the product overflows. Zeroing is O(size), not
 * under the lock. */
ACRE_API void* acre_heap_allocate_zeroed(acre_heap* heap, size_t count, size_t size) ACRE_NOEXCEPT;

/* Makes a block larger or smaller, where it is or elsewhere; contents are kept up to the smaller size. A null
 * block is an allocation, and size 0 is served as 1. Returns where it is now, aligned as for
 * acre_heap_allocate(). Null iff there is no room, or it is not a live block (at basic and full a fault); then
 * the block is still live. O(1), and O(size) not under the lock if it moves. */
ACRE_API void* acre_heap_resize(acre_heap* heap, void* block, size_t size) ACRE_NOEXCEPT;

/* The same with an alignment for the result. */
ACRE_API void* acre_heap_resize_aligned(acre_heap* heap, void* block, size_t size,
                                        size_t align) ACRE_NOEXCEPT;

/* Makes a block larger or smaller where it is. False iff there is no room behind it, or it is null or not a
 * live block (the latter at basic and full a fault). O(1). */
ACRE_API bool acre_heap_resize_in_place(acre_heap* heap, void* block, size_t size) ACRE_NOEXCEPT;

/* Gives a block back; null does nothing. Returns ACRE_OK; or, at basic and full, ACRE_DOUBLE_FREE,
 * ACRE_FOREIGN_POINTER, ACRE_INTERIOR_POINTER or ACRE_MISALIGNED_POINTER. O(1). */
ACRE_API acre_status acre_heap_free(acre_heap* heap, void* block) ACRE_NOEXCEPT;

/* The same for a block whose size is known: at basic and full, ACRE_WRONG_SIZE for another one. */
ACRE_API acre_status acre_heap_free_sized(acre_heap* heap, void* block, size_t size) ACRE_NOEXCEPT;

/* The same, and a block with less than this alignment is refused as well. */
ACRE_API acre_status acre_heap_free_aligned(acre_heap* heap, void* block, size_t size,
                                            size_t align) ACRE_NOEXCEPT;

/* The bytes of a live block that its user has; 0 for null and, at basic and full, for everything that is no
 * live block, which is no fault here. O(regions). */
ACRE_API size_t acre_heap_usable_size(const acre_heap* heap, const void* block) ACRE_NOEXCEPT;

/* True iff `p` points into the heap's blocks, live or not. From any context. */
ACRE_API bool acre_heap_owns(const acre_heap* heap, const void* p) ACRE_NOEXCEPT;

/* The largest request that would be served now; 0 iff none. O(1). */
ACRE_API size_t acre_heap_largest_free(const acre_heap* heap) ACRE_NOEXCEPT;

/* O(blocks). */
ACRE_API acre_usage acre_heap_usage(const acre_heap* heap) ACRE_NOEXCEPT;

/* Calls visit(block, context) for each block, live or free, from the lowest address up, until it answers false.
 * Under the lock: it must not call this heap. Returns how many it was called for. O(blocks). */
ACRE_API size_t acre_heap_walk(const acre_heap* heap,
                               bool (*visit)(const acre_heap_block* block, void* context),
                               void* context) ACRE_NOEXCEPT;

/* Checks every invariant, reading only. Returns ACRE_OK or ACRE_CORRUPTED. O(blocks + region / 512), at full
 * O(region). */
ACRE_API acre_status acre_heap_validate(const acre_heap* heap) ACRE_NOEXCEPT;

#ifdef __cplusplus
}
#endif
