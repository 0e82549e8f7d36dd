// SPDX-License-Identifier: MIT
// For the few helpers and loops that are worth a copy at each use, or for each turn, where speed was
// asked for, and are shared, or left out, where size was (-Os, -Oz).
#pragma once

#if defined(__OPTIMIZE_SIZE__)
#define ACRE_FOR_SIZE true
#define ACRE_HOT inline
#define ACRE_UNROLL
#else
#define ACRE_FOR_SIZE false
#define ACRE_HOT [[gnu::always_inline]] inline
#define ACRE_UNROLL _Pragma("GCC unroll 8")
#endif
