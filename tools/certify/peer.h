/* SPDX-License-Identifier: MIT */
/* An allocator of somebody else's, for ./acre certify --peer FILE: FILE, in C or C++, includes this
 * header and defines `acre_peer`. It is compiled for each core as firmware is, freestanding; it may use
 * memcpy, memmove, memset, memcmp and libgcc. tests/certify/first_fit.cpp is an example.
 *
 * The functions are metered as they are: what an adapter adds to a call is counted with it. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct acre_peer {
  /* In the tables. */
  const char* name;

  /* Forgets everything, and takes over `size` bytes at `region`, which is aligned to 4096 bytes. Called
   * many times. */
  void (*init)(void* region, size_t size);

  /* `size` bytes, for any object that is not over-aligned; null iff there is no room. */
  void* (*allocate)(size_t size);

  /* As allocate, aligned to `align`, a power of two; a null pointer where the allocator has no such
   * call. */
  void* (*allocate_aligned)(size_t size, size_t align);

  /* Gives a block back; never called with null. */
  void (*deallocate)(void* block);
};

extern const struct acre_peer acre_peer;

#ifdef __cplusplus
}
#endif
