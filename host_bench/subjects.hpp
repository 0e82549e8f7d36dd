// SPDX-License-Identifier: MIT
// subjects: the allocators that are measured, acre's and those of the C and C++ libraries, behind one
// shape: take(), give(block), and reset() for those that take everything back at once. The size is
// known at compile time, as it is where one allocates a type.
#pragma once

#include <stddef.h>
#include <stdlib.h>

#include <memory_resource>

#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/heap.hpp>
#include <acre/pool.hpp>
#include <acre/slab.hpp>
#include <acre/stack.hpp>

namespace bench {

/// Live blocks at most, in every pattern.
inline constexpr size_t batch = 256;

template <acre::check_level Level>
using at = acre::policies<acre::no_lock, acre::checks<Level>, acre::no_observer>;

inline constexpr auto none = acre::check_level::none;
inline constexpr auto basic = acre::check_level::basic;
inline constexpr auto full = acre::check_level::full;

template <size_t Size>
struct malloc_subject {
  void* take() {
    return malloc(Size);
  }
  void give(void* block) {
    free(block);
  }
};

/// A pmr resource, called as its users call it: through the virtual interface.
template <size_t Size, class Resource>
struct resource_subject {
  Resource resource;
  std::pmr::memory_resource* interface = &resource;

  void* take() {
    return interface->allocate(Size);
  }
  void give(void* block) {
    interface->deallocate(block, Size);
  }
};

template <size_t Size>
struct monotonic_subject {
  alignas(64) unsigned char memory[2 * batch * (Size + 16)];
  std::pmr::monotonic_buffer_resource resource{memory, sizeof(memory),
                                               std::pmr::null_memory_resource()};
  std::pmr::memory_resource* interface = &resource;

  void* take() {
    return interface->allocate(Size);
  }
  void give(void*) {}
  void reset() {
    resource.release();
  }
};

template <size_t Size, acre::check_level Level>
struct pool_subject {
  using allocator = acre::pool<Size, at<Level>>;
  alignas(64) unsigned char memory[allocator::required_bytes(2 * batch)];
  allocator pool;

  bool init() {
    return pool.init({memory, sizeof(memory)}) == acre::status::ok;
  }
  void* take() {
    return pool.allocate();
  }
  void give(void* block) {
    pool.deallocate(block);
  }
};

/// buddy, slab and stack: with a layout.
template <size_t Size, class Allocator>
struct allocator_subject {
  alignas(4096) unsigned char memory[1024 * 1024];
  Allocator allocator;

  bool init() {
    return allocator.init({memory, sizeof(memory)}) == acre::status::ok;
  }
  void* take() {
    return allocator.allocate(Size);
  }
  void give(void* block) {
    allocator.deallocate(block, Size);
  }
};

using classes = acre::size_classes<16, 32, 64, 128, 256, 512, 1024>;

template <size_t Size, acre::check_level Level>
using slab_subject = allocator_subject<Size, acre::slab<classes, at<Level>, 4096>>;
template <size_t Size, acre::check_level Level>
using buddy_subject = allocator_subject<Size, acre::buddy<16, at<Level>>>;
template <size_t Size, acre::check_level Level>
using heap_subject = allocator_subject<Size, acre::heap<(1 << 20), at<Level>>>;
template <size_t Size, acre::check_level Level>
using stack_subject = allocator_subject<Size, acre::stack<at<Level>>>;

template <size_t Size, acre::check_level Level>
struct arena_subject : allocator_subject<Size, acre::arena<at<Level>>> {
  void give(void*) {}
  void reset() {
    this->allocator.reset();
  }
};

}  // namespace bench
