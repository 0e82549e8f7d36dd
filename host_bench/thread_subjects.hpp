// SPDX-License-Identifier: MIT
// thread_subjects: the allocators that are measured with threads, behind static take() and give(block).
#pragma once

#include <stddef.h>
#include <stdlib.h>

#include <acre/pool.hpp>
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

/// A pool over a region, for one thread.
template <size_t Size>
struct fixed_pool {
  using pool =
      acre::pool<Size, acre::policies<acre::no_lock, acre::checks_basic, acre::no_observer>>;

  static constexpr const char* name = "pool basic";
  static bool init() {
    return blocks.init(memory) == acre::status::ok;
  }
  static void* take() {
    return blocks.allocate();
  }
  static void give(void* block) {
    static_cast<void>(blocks.deallocate(block));
  }

 private:
  static inline acre::static_region<pool::required_bytes(2000)> memory;
  static inline constinit pool blocks;
};

}  // namespace bench
