// SPDX-License-Identifier: MIT
// heap_region: the memory that the program sets aside for allocators. On boards the linker script
// gives it, so that it costs no space in the image and no time at startup; on hosts it is an array
// of the same size. acre_add_firmware(... HEAP bytes) sizes it.
#pragma once

#include <stddef.h>

extern "C" {
extern char acre_heap_begin[];
extern char acre_heap_end[];
}

namespace acre::platform {

struct memory_extent {
  void* begin;
  size_t size;
};

/// The whole heap region, aligned to 16 bytes. Its contents are undefined.
[[nodiscard]] memory_extent heap_extent() noexcept;

}  // namespace acre::platform
