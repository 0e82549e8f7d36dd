// SPDX-License-Identifier: MIT
// thread_subjects: the allocators that are measured with threads, behind static take() and give(block).
#pragma once

#include <stddef.h>
#include <stdlib.h>

#include <acre/port/slab_provider.hpp>

namespace bench {

template <size_t Size>
struct c_malloc {
  static constexpr const char* name = "malloc";
  static void* take() {
    return malloc(Size);
  }
  static void give(void* block) {
    free(block);
  }
};

template <size_t Size>
struct alignas(16) object {
  unsigned char bytes[Size];
};

template <size_t Size, class Checks>
struct provider {
  using slabs = acre::hosted::slab_provider<object<Size>, "bench", acre::os_source, Checks>;

  static constexpr const char* name =
      Checks::level == acre::check_level::none ? "slab_provider none" : "slab_provider basic";
  static void* take() {
    return slabs::alloc_raw();
  }
  static void give(void* block) {
    slabs::free_raw(block);
  }
};

}  // namespace bench
