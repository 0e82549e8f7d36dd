// SPDX-License-Identifier: MIT
#include <acre/heap.hpp>

#include "c_object.hpp"

using namespace acre;

namespace {

using heap_type = heap<config::c_heap_max_bytes, c::policy, 0>;

}  // namespace

struct acre_heap : c::object<c::locked<heap_type>, 7> {
  using object::object;
};

extern "C" {

size_t acre_heap_max_bytes() noexcept {
  return heap_type::max_bytes;
}

size_t acre_heap_required_bytes(size_t peak_live, size_t largest, size_t smallest) noexcept {
  return c::sum_or_none(heap_type::required_bytes(peak_live, largest, smallest, alignof(acre_heap)),
                        c::control_bytes<acre_heap>());
}

acre_status acre_heap_create(acre_heap** heap, void* memory, size_t bytes,
                             const acre_lock* lock) noexcept {
  if (heap == nullptr) {
    return ACRE_INVALID_ARGUMENT;
  }
  *heap = nullptr;
  if (!c::is_complete(lock)) {
    return ACRE_INVALID_ARGUMENT;
  }
  region rest{memory, bytes};
  status result = status::ok;
  acre_heap* created = c::place<acre_heap>(rest, result, lock);
  if (created != nullptr) {
    result = created->allocator.init(rest);
  }
  return c::hand_over(heap, created, result);
}

acre_status acre_heap_destroy(acre_heap* heap) noexcept {
  return c::destroy(heap);
}

acre_status acre_heap_add_region(acre_heap* heap, void* memory, size_t bytes) noexcept {
  return c::status_of(heap, [&](auto& a) { return a.add_region(region{memory, bytes}); });
}

void* acre_heap_allocate(acre_heap* heap, size_t size) noexcept {
  return c::result_of(heap, static_cast<void*>(nullptr), [&](auto& a) { return a.allocate(size); });
}

void* acre_heap_allocate_aligned(acre_heap* heap, size_t size, size_t align) noexcept {
  return c::allocate(heap, size, align);
}

void* acre_heap_allocate_zeroed(acre_heap* heap, size_t count, size_t size) noexcept {
  return c::result_of(heap, static_cast<void*>(nullptr),
                      [&](auto& a) { return a.allocate_zeroed(count, size); });
}

void* acre_heap_resize(acre_heap* heap, void* block, size_t size) noexcept {
  return acre_heap_resize_aligned(heap, block, size, default_alignment);
}

void* acre_heap_resize_aligned(acre_heap* heap, void* block, size_t size, size_t align) noexcept {
  return c::result_of(heap, static_cast<void*>(nullptr),
                      [&](auto& a) { return a.reallocate(block, size, align); });
}

bool acre_heap_resize_in_place(acre_heap* heap, void* block, size_t size) noexcept {
  return c::result_of(heap, false, [&](auto& a) { return a.try_resize(block, size); });
}

acre_status acre_heap_free(acre_heap* heap, void* block) noexcept {
  return c::status_of(heap, [&](auto& a) { return a.deallocate(block); });
}

acre_status acre_heap_free_sized(acre_heap* heap, void* block, size_t size) noexcept {
  return c::status_of(heap, [&](auto& a) { return a.deallocate(block, size); });
}

acre_status acre_heap_free_aligned(acre_heap* heap, void* block, size_t size,
                                   size_t align) noexcept {
  return c::deallocate(heap, block, size, align);
}

size_t acre_heap_usable_size(const acre_heap* heap, const void* block) noexcept {
  return c::result_of(heap, size_t{0}, [&](const auto& a) { return a.usable_size(block); });
}

size_t acre_heap_walk(const acre_heap* heap,
                      bool (*visit)(const acre_heap_block* block, void* context),
                      void* context) noexcept {
  size_t visited = 0;
  if (visit != nullptr && c::look_at(heap) == status::ok) {
    heap->allocator.walk([&](const heap_block& block) {
      ++visited;
      const acre_heap_block as_told{block.address, block.size, block.live};
      return visit(&as_told, context);
    });
  }
  return visited;
}

bool acre_heap_owns(const acre_heap* heap, const void* p) noexcept {
  return c::owns(heap, p);
}

size_t acre_heap_largest_free(const acre_heap* heap) noexcept {
  return c::largest_free(heap);
}

acre_usage acre_heap_usage(const acre_heap* heap) noexcept {
  return c::usage_of(heap);
}

acre_status acre_heap_validate(const acre_heap* heap) noexcept {
  return c::validate(heap);
}

}  // extern "C"
