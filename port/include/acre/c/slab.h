/* SPDX-License-Identifier: MIT
 * acre_slab: objects of a few sizes, packed into slabs; what one size gives back another can have, a slab at a
 * time. The C++ slab is <acre/slab.hpp>, where the sizes are constants, and calls are shorter for it. */
#pragma once

#include <acre/c/terms.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct acre_slab acre_slab;

/* How many blocks of `block_size` bytes a slab of `slab_bytes` holds; 0 if not one. `slab_bytes` is a power of
 * two, or 0 for CONFIG_ACRE_SLAB_BYTES. */
ACRE_API size_t acre_slab_blocks_per_slab(size_t block_size, size_t slab_bytes) ACRE_NOEXCEPT;

/* The size of a region, wherever it begins, of `slabs` slabs. The other arguments are those of
 * acre_slab_create(). SIZE_MAX if there is none, or they are not valid. */
ACRE_API size_t acre_slab_required_bytes(const size_t* sizes, size_t count, size_t slab_bytes,
                                         size_t slabs) ACRE_NOEXCEPT;

/* Makes a slab allocator from the region. `sizes` are those of its `count` size classes, at most 254: multiples
 * of sizeof(void*), increasing; they are copied. `slab_bytes` is a power of two, or 0 for
 * CONFIG_ACRE_SLAB_BYTES. `lock` may be null: then one context at a time may call.
 * Returns ACRE_OK; or ACRE_INVALID_ARGUMENT (a null pointer, a region that wraps, sizes that are not as above
 * or of which a slab holds none or more than a word of words of bits counts, a lock without its functions) or
 * ACRE_REGION_TOO_SMALL, and then *slab is null. O(largest size). */
ACRE_API acre_status acre_slab_create(acre_slab** slab, void* memory, size_t bytes,
                                      const size_t* sizes, size_t count, size_t slab_bytes,
                                      const acre_lock* lock) ACRE_NOEXCEPT;

/* Ends the allocator: its handle and its blocks are no longer valid, and the region is yours again. */
ACRE_API acre_status acre_slab_destroy(acre_slab* slab) ACRE_NOEXCEPT;

/* A block of the smallest size class that is large enough. Null iff that has none and no slab is left, or no
 * class is large enough. O(1). */
ACRE_API void* acre_slab_allocate(acre_slab* slab, size_t size) ACRE_NOEXCEPT;

/* The same for a class that is aligned well enough, too. O(1), for more than the smallest class's alignment
 * O(classes). */
ACRE_API void* acre_slab_allocate_aligned(acre_slab* slab, size_t size, size_t align) ACRE_NOEXCEPT;

/* Gives a block back; null does nothing. The size, and the alignment if there was one, are those of the
 * request. Returns ACRE_OK; or, at basic and full, ACRE_DOUBLE_FREE, ACRE_FOREIGN_POINTER,
 * ACRE_INTERIOR_POINTER, ACRE_MISALIGNED_POINTER or ACRE_WRONG_SIZE (another size class). O(1). */
ACRE_API acre_status acre_slab_free_sized(acre_slab* slab, void* block, size_t size) ACRE_NOEXCEPT;
ACRE_API acre_status acre_slab_free_aligned(acre_slab* slab, void* block, size_t size,
                                            size_t align) ACRE_NOEXCEPT;

/* The size of the block that serves a request; 0 if no class does. O(1), as acre_slab_allocate_aligned(). */
ACRE_API size_t acre_slab_block_size(const acre_slab* slab, size_t size,
                                     size_t align) ACRE_NOEXCEPT;

/* True iff `p` points into the slabs, in use or not. From any context. */
ACRE_API bool acre_slab_owns(const acre_slab* slab, const void* p) ACRE_NOEXCEPT;

/* The largest request that would be served now; 0 iff none. O(classes). */
ACRE_API size_t acre_slab_largest_free(const acre_slab* slab) ACRE_NOEXCEPT;

/* O(blocks / 32). */
ACRE_API acre_usage acre_slab_usage(const acre_slab* slab) ACRE_NOEXCEPT;

/* Checks every invariant, reading only. Returns ACRE_OK or ACRE_CORRUPTED. O(blocks / 32), at full
 * O(region). */
ACRE_API acre_status acre_slab_validate(const acre_slab* slab) ACRE_NOEXCEPT;

#ifdef __cplusplus
}
#endif
