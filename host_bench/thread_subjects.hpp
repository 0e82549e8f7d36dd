// SPDX-License-Identifier: MIT
// thread_subjects: the allocators that are measured with threads, behind static take() and give(block).
#pragma once

#include <stddef.h>
#include <stdlib.h>

#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/pool.hpp>
#include <acre/port/slab_provider.hpp>
#include <acre/port/thread_cache.hpp>

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

/// What a subject is called at a level.
template <class Checks>
constexpr const char* one_of(const char* at_none, const char* at_basic, const char* at_full) {
  return Checks::level == acre::check_level::none    ? at_none
         : Checks::level == acre::check_level::basic ? at_basic
                                                     : at_full;
}

template <size_t Size, class Checks>
struct provider {
  using slabs = acre::hosted::slab_provider<object<Size>, "bench", acre::os_source, Checks>;

  static constexpr const char* name =
      one_of<Checks>("slab_provider none", "slab_provider basic", "slab_provider full");
  static void* take() {
    return slabs::alloc_raw();
  }
  static void give(void* block) {
    slabs::free_raw(block);
  }
};

/// Any size, from the operating system: a heap that grows.
template <class Checks, class Lock = acre::no_lock>
using growing_heap = acre::growing<
    acre::heap<(size_t{256} << 20), acre::policies<acre::no_lock, Checks, acre::no_observer>>,
    acre::os_source, Lock>;

template <size_t Size, class Checks>
struct cached_heap {
  static inline constinit growing_heap<Checks> memory;
  static inline constinit acre::hosted::thread_cache<
      growing_heap<Checks>, acre::detail::cached_sizes_of<growing_heap<Checks>>, Checks>
      cache{memory};

  static constexpr const char* name =
      one_of<Checks>("cached heap none", "cached heap basic", "cached heap full");
  static void* take() {
    return cache.allocate({Size, acre::default_alignment});
  }
  static void give(void* block) {
    cache.deallocate(block, {Size, acre::default_alignment});
  }
};

template <size_t Size, class Checks>
struct locked_heap {
  static inline constinit growing_heap<Checks, acre::port::os_mutex> memory;

  static constexpr const char* name = "heap under a mutex";
  static void* take() {
    return memory.allocate({Size, acre::default_alignment});
  }
  static void give(void* block) {
    memory.deallocate(block, {Size, acre::default_alignment});
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
