/* SPDX-License-Identifier: MIT
 * acre_stack: last in, first out, from both ends of one region. For scratch memory that nests; a block costs a
 * header of two words, and is rounded up to the default alignment. The C++ stack is <acre/stack.hpp>. */
#pragma once

#include <acre/c/terms.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct acre_stack acre_stack;

typedef enum acre_stack_side { ACRE_STACK_LOW, ACRE_STACK_HIGH } acre_stack_side;

/* A position of one side of a stack; its contents are the stack's business. */
typedef struct acre_stack_mark {
  uintptr_t place[3];
} acre_stack_mark;

/* Enough for acre_stack_create() and `blocks` blocks of `payload` bytes in sum, as a constant. */
#define ACRE_STACK_BYTES(payload, blocks) \
  ((24 + 4 * (size_t)(blocks)) * sizeof(void*) + (size_t)(payload))

/* The size of a region, wherever it begins, that holds `blocks` blocks of `payload` bytes in sum, each with an
 * alignment of at most `align`; 0: two pointers'. SIZE_MAX if there is none, or it is no power of two. */
ACRE_API size_t acre_stack_required_bytes(size_t payload, size_t blocks,
                                          size_t align) ACRE_NOEXCEPT;

/* Makes a stack from the region. `lock` may be null: then one context at a time may call.
 * Returns ACRE_OK; or ACRE_INVALID_ARGUMENT (a null pointer, a region that wraps, a lock without its functions)
 * or ACRE_REGION_TOO_SMALL, and then *stack is null. O(1), at full O(region). */
ACRE_API acre_status acre_stack_create(acre_stack** stack, void* memory, size_t bytes,
                                       const acre_lock* lock) ACRE_NOEXCEPT;

/* Ends the stack: its handle and its blocks are no longer valid, and the region is yours again. */
ACRE_API acre_status acre_stack_destroy(acre_stack* stack) ACRE_NOEXCEPT;

/* A block from the low side. Null iff there is no room. O(1). */
ACRE_API void* acre_stack_allocate(acre_stack* stack, size_t size) ACRE_NOEXCEPT;

/* A block at a multiple of `align`, from the side that is named. Null iff there is no room, or `align` is no
 * power of two. O(1). */
ACRE_API void* acre_stack_allocate_aligned(acre_stack* stack, size_t size, size_t align,
                                           acre_stack_side side) ACRE_NOEXCEPT;

/* Gives the newest block of a side back; null does nothing. The size, and the alignment if there was one, are
 * those of the request. Returns ACRE_OK; or, at basic and full, ACRE_OUT_OF_ORDER (a live block that is not the
 * newest), ACRE_DOUBLE_FREE, ACRE_FOREIGN_POINTER, ACRE_INTERIOR_POINTER or ACRE_WRONG_SIZE. O(1). */
ACRE_API acre_status acre_stack_free_sized(acre_stack* stack, void* block,
                                           size_t size) ACRE_NOEXCEPT;
ACRE_API acre_status acre_stack_free_aligned(acre_stack* stack, void* block, size_t size,
                                             size_t align) ACRE_NOEXCEPT;

/* The present position of `side`. O(1). */
ACRE_API acre_stack_mark acre_stack_get_mark(const acre_stack* stack,
                                             acre_stack_side side) ACRE_NOEXCEPT;

/* Gives back all blocks of the mark's side that are newer than it. Returns ACRE_OK, or ACRE_OUT_OF_ORDER where
 * the position is not below the present one, which is found at basic and full. O(1). */
ACRE_API acre_status acre_stack_release_to(acre_stack* stack,
                                           acre_stack_mark position) ACRE_NOEXCEPT;

/* Gives everything back, on both sides. O(1), at full O(region). */
ACRE_API acre_status acre_stack_reset(acre_stack* stack) ACRE_NOEXCEPT;

/* True iff `p` points into the stack's memory, in use or not. From any context. */
ACRE_API bool acre_stack_owns(const acre_stack* stack, const void* p) ACRE_NOEXCEPT;

/* The largest request that would be served now; 0 iff none. O(1). */
ACRE_API size_t acre_stack_largest_free(const acre_stack* stack) ACRE_NOEXCEPT;

/* O(1). */
ACRE_API acre_usage acre_stack_usage(const acre_stack* stack) ACRE_NOEXCEPT;

/* Checks every invariant, reading only. Returns ACRE_OK or ACRE_CORRUPTED. O(blocks), at full O(region). */
ACRE_API acre_status acre_stack_validate(const acre_stack* stack) ACRE_NOEXCEPT;

#ifdef __cplusplus
}
#endif
