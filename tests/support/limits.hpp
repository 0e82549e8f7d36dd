// SPDX-License-Identifier: MIT
// limits: how large tests are on each kind of machine. The build defines ACRE_TEST_HOST on hosts,
// ACRE_TEST_EMULATED where QEMU plays the system, and ACRE_TEST_SMALL on boards of a few KiB of RAM; the tests
// themselves are the same everywhere.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

#if defined(ACRE_TEST_HOST)
inline constexpr bool on_host = true;
#else
inline constexpr bool on_host = false;
#endif

#if defined(ACRE_TEST_SMALL)
inline constexpr bool on_small_board = true;
#else
inline constexpr bool on_small_board = false;
#endif

/// Null, or why the system does not do all that it is asked to.
#if defined(ACRE_TEST_EMULATED)
inline constexpr const char* emulated =
    "QEMU's emulation of a process takes any advice and any limit of memory, and does nothing";
#else
inline constexpr const char* emulated = nullptr;
#endif

/// The region that the allocator under test works on.
inline constexpr size_t region_bytes = on_host ? 16384 : on_small_board ? 1536 : 4096;
/// The most blocks of the smallest size that fit into it.
inline constexpr size_t blocks_max = region_bytes / sizeof(void*);
/// Slabs with a bitmap of one word, and with one of several words.
inline constexpr size_t narrow_slab_bytes = 512;
inline constexpr size_t wide_slab_bytes = on_host ? 4096 : on_small_board ? 512 : 1024;
/// Steps of one random run, and bad frees of one barrage.
inline constexpr uint32_t random_steps = on_host ? 6000 : on_small_board ? 400 : 1000;
inline constexpr uint32_t bad_frees = on_host ? 1'000'000 : on_small_board ? 50'000 : 100'000;

}  // namespace acre::test
