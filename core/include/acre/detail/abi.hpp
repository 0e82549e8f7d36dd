// SPDX-License-Identifier: MIT
// The inline namespace that everything of acre is in: acre::pool is acre::v0::pool to the linker.
//
// Its name has the version of the interface, and the options that change what a type looks like and that
// its own name does not tell: objects built for two configurations don't link. What the linker misses
// then says why, acre::v0_align8_smp::... Options at their default add nothing.
#pragma once

#include <acre/autoconf.h>

#if defined(CONFIG_ACRE_POOL_STATE_BYTES)
#define ACRE_ABI_POOL _statebytes
#else
#define ACRE_ABI_POOL
#endif

#if defined(CONFIG_ACRE_HEAP_ALIGN_4)
#define ACRE_ABI_HEAP _align4
#elif defined(CONFIG_ACRE_HEAP_ALIGN_8)
#define ACRE_ABI_HEAP _align8
#elif defined(CONFIG_ACRE_HEAP_ALIGN_16)
#define ACRE_ABI_HEAP _align16
#else
#define ACRE_ABI_HEAP
#endif

#if defined(CONFIG_ACRE_SMP)
#define ACRE_ABI_CORES _smp
#else
#define ACRE_ABI_CORES
#endif

#if defined(CONFIG_ACRE_THREAD_SLOTS) && CONFIG_ACRE_THREAD_SLOTS != 32
#define ACRE_ABI_SLOTS_OF(n) _slots##n
#define ACRE_ABI_SLOTS_EXPANDED(n) ACRE_ABI_SLOTS_OF(n)
#define ACRE_ABI_SLOTS ACRE_ABI_SLOTS_EXPANDED(CONFIG_ACRE_THREAD_SLOTS)
#else
#define ACRE_ABI_SLOTS
#endif

#define ACRE_ABI_JOINED(pool, heap, cores, slots) v0##pool##heap##cores##slots
#define ACRE_ABI_EXPANDED(pool, heap, cores, slots) ACRE_ABI_JOINED(pool, heap, cores, slots)
#define ACRE_ABI ACRE_ABI_EXPANDED(ACRE_ABI_POOL, ACRE_ABI_HEAP, ACRE_ABI_CORES, ACRE_ABI_SLOTS)
