/* SPDX-License-Identifier: MIT
 * acre for C11: memory from regions that you own, in firmware and on hosts.
 *
 * Each kind of allocator has functions acre_<kind>_...: create one over a region, allocate, free, look at it.
 * The control block lies at the begin of that region, and nothing else is needed: no hidden allocation, no
 * global state but the fault hook. */
#pragma once

#include <acre/c/arena.h>
#include <acre/c/buddy.h>
#include <acre/c/certified.h>
#include <acre/c/heap.h>
#include <acre/c/lockfree_pool.h>
#include <acre/c/pool.h>
#include <acre/c/slab.h>
#include <acre/c/stack.h>
#include <acre/c/terms.h>
