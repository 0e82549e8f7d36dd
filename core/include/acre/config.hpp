// SPDX-License-Identifier: MIT
// Configuration: the one place where CONFIG_ACRE_ macros become C++ values. Everything else tests
// these constants with `if constexpr`, so that both branches are always compiled.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/autoconf.h>
#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::config {

#if defined(CONFIG_ACRE_CHECK_NONE)
inline constexpr check_level default_checks = check_level::none;
#elif defined(CONFIG_ACRE_CHECK_FULL)
inline constexpr check_level default_checks = check_level::full;
#else
inline constexpr check_level default_checks = check_level::basic;
#endif

#if defined(CONFIG_ACRE_FAULT_TRAP)
inline constexpr bool trap_on_misuse = true;
#else
inline constexpr bool trap_on_misuse = false;
#endif

#if defined(CONFIG_ACRE_FAULT_TEXT)
inline constexpr bool fault_text = true;
#else
inline constexpr bool fault_text = false;
#endif

#if defined(CONFIG_ACRE_POOL_STATE_BYTES)
inline constexpr bool pool_state_bytes = true;
#else
inline constexpr bool pool_state_bytes = false;
#endif

#if defined(CONFIG_ACRE_SLAB_BYTES)
inline constexpr size_t slab_bytes = CONFIG_ACRE_SLAB_BYTES;
#else
inline constexpr size_t slab_bytes = 4096;
#endif

#if defined(CONFIG_ACRE_SLAB_METADATA_OUT_OF_BAND)
inline constexpr bool slab_metadata_out_of_band = true;
#else
inline constexpr bool slab_metadata_out_of_band = false;
#endif

#if defined(CONFIG_ACRE_HEAP_MAX_BYTES)
inline constexpr size_t heap_max_bytes = CONFIG_ACRE_HEAP_MAX_BYTES;
#else
inline constexpr size_t heap_max_bytes = 65536;
#endif

#if defined(CONFIG_ACRE_PORT_C_HEAP_MAX_BYTES)
inline constexpr size_t c_heap_max_bytes = CONFIG_ACRE_PORT_C_HEAP_MAX_BYTES;
#else
inline constexpr size_t c_heap_max_bytes = heap_max_bytes;
#endif

#if defined(CONFIG_ACRE_HEAP_SMALL_LIMIT)
inline constexpr size_t heap_small_limit = CONFIG_ACRE_HEAP_SMALL_LIMIT;
#else
inline constexpr size_t heap_small_limit = 0;
#endif

#if defined(CONFIG_ACRE_HEAP_ALIGN_4)
inline constexpr size_t heap_align = 4;
#elif defined(CONFIG_ACRE_HEAP_ALIGN_8)
inline constexpr size_t heap_align = 8;
#elif defined(CONFIG_ACRE_HEAP_ALIGN_16)
inline constexpr size_t heap_align = 16;
#else
inline constexpr size_t heap_align = 2 * sizeof(void*);
#endif

#if defined(CONFIG_ACRE_SMP)
inline constexpr bool smp = true;
#else
inline constexpr bool smp = false;
#endif

#if defined(CONFIG_ACRE_USAGE_COUNTERS)
inline constexpr bool usage_counters_by_default = true;
#else
inline constexpr bool usage_counters_by_default = false;
#endif

// The platform's interrupt lock: 0 masks all interrupts, everything else is a value of BASEPRI.
#if defined(CONFIG_ACRE_IRQ_LOCK_CEILING)
inline constexpr uint32_t irq_ceiling = CONFIG_ACRE_IRQ_CEILING;
#else
inline constexpr uint32_t irq_ceiling = 0;
#endif

#if defined(CONFIG_ACRE_IRQ_CEILING_R0P1)
inline constexpr bool irq_ceiling_r0p1 = true;
#else
inline constexpr bool irq_ceiling_r0p1 = false;
#endif

#if defined(CONFIG_ACRE_PORT_THREADS)
inline constexpr bool port_threads = true;
#else
inline constexpr bool port_threads = false;
#endif

#if defined(CONFIG_ACRE_THREAD_SLOTS)
inline constexpr size_t thread_slots = CONFIG_ACRE_THREAD_SLOTS;
#else
inline constexpr size_t thread_slots = 32;
#endif

}  // namespace acre::config
