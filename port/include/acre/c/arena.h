/* SPDX-License-Identifier: MIT
 * acre_arena: bump allocation, given back all at once or down to a mark. For what lives and dies together: a
 * frame, a request, a parse. No metadata a block. The C++ arena is <acre/arena.hpp>. */
#pragma once

#include <acre/c/terms.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct acre_arena acre_arena;

/* A position in an arena; its contents are the arena's business. */
typedef struct acre_arena_mark {
  uintptr_t place[3];
} acre_arena_mark;

/* Enough for acre_arena_create() and `payload` bytes of blocks, padding included, as a constant. */
#define ACRE_ARENA_BYTES(payload) (24 * sizeof(void*) + (size_t)(payload))

/* The size of a region, wherever it begins, from which blocks of `payload` bytes in sum, padding included, can
 * be allocated. SIZE_MAX if there is none. */
ACRE_API size_t acre_arena_required_bytes(size_t payload) ACRE_NOEXCEPT;

/* Makes an arena from the region. `lock` may be null: then one context at a time may call.
 * Returns ACRE_OK; or ACRE_INVALID_ARGUMENT (a null pointer, a region that wraps, a lock without its functions)
 * or ACRE_REGION_TOO_SMALL, and then *arena is null. O(1). */
ACRE_API acre_status acre_arena_create(acre_arena** arena, void* memory, size_t bytes,
                                       const acre_lock* lock) ACRE_NOEXCEPT;

/* Ends the arena: its handle and its blocks are no longer valid, and the region is yours again. */
ACRE_API acre_status acre_arena_destroy(acre_arena* arena) ACRE_NOEXCEPT;

/* A block. Null iff there is no room. O(1). */
ACRE_API void* acre_arena_allocate(acre_arena* arena, size_t size) ACRE_NOEXCEPT;

/* A block at a multiple of `align`. Null iff there is no room, or it is no power of two. O(1). */
ACRE_API void* acre_arena_allocate_aligned(acre_arena* arena, size_t size,
                                           size_t align) ACRE_NOEXCEPT;

/* Does nothing, and is there for code that works with any allocator: only release_to and reset give back.
 * Returns ACRE_OK; or, at basic and full, ACRE_FOREIGN_POINTER, ACRE_MISALIGNED_POINTER or ACRE_WRONG_SIZE for
 * what cannot be a block of the arena's. O(1). */
ACRE_API acre_status acre_arena_free_sized(acre_arena* arena, void* block,
                                           size_t size) ACRE_NOEXCEPT;
ACRE_API acre_status acre_arena_free_aligned(acre_arena* arena, void* block, size_t size,
                                             size_t align) ACRE_NOEXCEPT;

/* The present position. O(1). */
ACRE_API acre_arena_mark acre_arena_get_mark(const acre_arena* arena) ACRE_NOEXCEPT;

/* Gives back all that was allocated since `position`. Returns ACRE_OK, or ACRE_OUT_OF_ORDER where it is no
 * position below the present one, which is found at basic and full. O(1). */
ACRE_API acre_status acre_arena_release_to(acre_arena* arena,
                                           acre_arena_mark position) ACRE_NOEXCEPT;

/* Gives everything back. O(1). */
ACRE_API acre_status acre_arena_reset(acre_arena* arena) ACRE_NOEXCEPT;

/* True iff `p` points into the arena's memory, in use or not. */
ACRE_API bool acre_arena_owns(const acre_arena* arena, const void* p) ACRE_NOEXCEPT;

/* The largest request that would be served now; 0 iff none. O(1). */
ACRE_API size_t acre_arena_largest_free(const acre_arena* arena) ACRE_NOEXCEPT;

/* O(1). */
ACRE_API acre_usage acre_arena_usage(const acre_arena* arena) ACRE_NOEXCEPT;

/* Checks every invariant, reading only. Returns ACRE_OK or ACRE_CORRUPTED. O(1), at full O(region). */
ACRE_API acre_status acre_arena_validate(const acre_arena* arena) ACRE_NOEXCEPT;

#ifdef __cplusplus
}
#endif
