/* SPDX-License-Identifier: MIT */
/* The configuration of this build: generated from Kconfig, read by acre/config.hpp only. */
#pragma once

#define CONFIG_ACRE_POOL 1
#define CONFIG_ACRE_ARENA 1
#define CONFIG_ACRE_STACK 1
#define CONFIG_ACRE_BUDDY 1
#define CONFIG_ACRE_SLAB 1
#define CONFIG_ACRE_CHECK_BASIC 1
#define CONFIG_ACRE_FAULT_REFUSE 1
#define CONFIG_ACRE_FAULT_TEXT 1
#define CONFIG_ACRE_POOL_STATE_BITS 1
#define CONFIG_ACRE_HEAP_MAX_BYTES 65536
#define CONFIG_ACRE_HEAP_SMALL_LIMIT 0
#define CONFIG_ACRE_HEAP_ALIGN_NATURAL 1
#define CONFIG_ACRE_SLAB_BYTES 4096
#define CONFIG_ACRE_SLAB_METADATA_IN_SLAB 1
