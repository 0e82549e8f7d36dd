/* SPDX-License-Identifier: MIT
 * What all C functions share: status codes, locks, usage, the fault hook, the version.
 *
 * True of every function that takes a handle, unless it says otherwise:
 *   - A null handle is an allocator that was never created: it has nothing, and the status is
 *     ACRE_NOT_INITIALISED. A handle that is none, or was destroyed, is refused before anything changes, with
 *     ACRE_FOREIGN_POINTER, and the fault hook is told; where checks are off (CONFIG_ACRE_CHECK_NONE) that is
 *     undefined, like all misuse.
 *   - A call that fails changes nothing; a create that fails may have written to the region.
 *   - Sizes and alignments are in bytes; a size of 0 is served as 1. A function that names no alignment uses
 *     that of two pointers.
 *   - Threads and interrupts: where the lock that was given to create may be taken; without a lock, one
 *     context at a time. create and destroy: before all others, and after.
 *   - Costs are those of the C++ allocator of the same name (docs/certificate.md), plus a call, the
 *     comparison of the handle, and the calls of the lock. */
#pragma once

#include <acre/detail/api.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ACRE_NOEXCEPT noexcept
extern "C" {
#else
#define ACRE_NOEXCEPT
#endif

/* The version of these headers. Within one major version from 1 on, and within one minor version of 0,
 * programs run with any library that is at least as new as their headers. */
#define ACRE_VERSION_MAJOR 0
#define ACRE_VERSION_MINOR 1
#define ACRE_VERSION_PATCH 0
#define ACRE_VERSION (ACRE_VERSION_MAJOR * 1000000 + ACRE_VERSION_MINOR * 1000 + ACRE_VERSION_PATCH)

/* The version of the library, as ACRE_VERSION. */
ACRE_API uint32_t acre_version(void) ACRE_NOEXCEPT;

/* The outcome of a call; the same numbers as acre::status. */
typedef enum acre_status {
  ACRE_OK,
  ACRE_EXHAUSTED,           /* no room; nothing changed */
  ACRE_NOT_INITIALISED,     /* a null handle */
  ACRE_INVALID_ARGUMENT,    /* a null, overflowing or wrapping argument */
  ACRE_REGION_TOO_SMALL,    /* not one block fits beside the control block and the metadata */
  ACRE_REGION_TOO_LARGE,    /* more than the allocator can number */
  ACRE_REGION_OUT_OF_REACH, /* below the first region, or too far above it */
  ACRE_DOUBLE_FREE,         /* the block is not live: freed already, or never handed out */
  ACRE_FOREIGN_POINTER,     /* not the allocator's; of a handle: no allocator of this kind */
  ACRE_INTERIOR_POINTER,    /* inside a block, not at its start */
  ACRE_MISALIGNED_POINTER,  /* not a multiple of the block alignment */
  ACRE_WRONG_SIZE,          /* size and alignment do not fit the block at this address */
  ACRE_OUT_OF_ORDER,        /* a stack release that is not the newest first */
  ACRE_WRONG_CONTEXT,       /* called where the lock may not be taken, or during a call */
  ACRE_CORRUPTED            /* metadata or freed memory was overwritten */
} acre_status;

/* The name of `code` in small letters, "double_free"; "unknown status" for numbers that are no status,
 * and always "" without CONFIG_ACRE_FAULT_TEXT. Static storage; from any context. */
ACRE_API const char* acre_status_text(acre_status code) ACRE_NOEXCEPT;

/* True for the codes that name a caller's mistake: these are told to the fault hook. */
ACRE_API bool acre_is_misuse(acre_status code) ACRE_NOEXCEPT;

/* A mistake that was found. `allocator` is an address in the control block of whom it happened to, at or above
 * its handle; `call_site` an instruction in the caller, null where it is not known. */
typedef struct acre_fault {
  acre_status code;
  const void* address; /* what the caller passed, or where the corruption was seen */
  const void* allocator;
  const void* call_site;
} acre_fault;

/* Told of misuse before it is refused, and of corruption before the program traps. Runs in the context of the
 * faulty call, with the allocator's lock held: it must not call that allocator. It need not return. */
typedef void (*acre_fault_hook)(const acre_fault* fault);

/* Installs `hook`, or none, for all allocators, those of C++ among them. Returns what C had installed before.
 * Not synchronised: call it before allocators are used. */
ACRE_API acre_fault_hook acre_set_fault_hook(acre_fault_hook hook) ACRE_NOEXCEPT;

/* How an allocator keeps its callers apart: a mutex, or masking interrupts. The structure is not copied: it
 * has to live as long as the allocator, and may be constant. Both functions are compiler barriers if they are
 * not inlined, as they are when they are called from here.
 *
 *   static uintptr_t mask(void* context)                     { return irq_disable(); }
 *   static void restore(void* context, uintptr_t state)      { irq_restore(state); }
 *   static const acre_lock irq_lock = {mask, restore, NULL, NULL};
 */
typedef struct acre_lock {
  uintptr_t (*lock)(void* context); /* its result is given to unlock */
  void (*unlock)(void* context, uintptr_t state);
  bool (*may_lock)(
      void* context); /* may this context call lock? Null: always. Asked at check level full */
  void* context;
} acre_lock;

/* What a region is made of at one moment. bytes_in_use counts whole blocks; what alignment, the control block
 * and the last partial block take is in none of the figures. */
typedef struct acre_usage {
  size_t bytes_in_use;
  size_t blocks_in_use;
  size_t bytes_free;
  size_t bytes_overhead;
} acre_usage;

#ifdef __cplusplus
}
#endif
