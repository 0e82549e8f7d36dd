// SPDX-License-Identifier: MIT
#include <acre/arena.hpp>

#include "c_object.hpp"

using namespace acre;

struct acre_arena : c::object<c::locked<arena<c::policy>>, 3> {
  using object::object;
};

namespace {

acre_arena_mark as_c(const arena_mark& m) noexcept {
  return {{reinterpret_cast<uintptr_t>(m.chunk), m.cursor, m.blocks}};
}
arena_mark from_c(const acre_arena_mark& m) noexcept {
  arena_mark result;
  result.chunk = reinterpret_cast<decltype(result.chunk)>(m.place[0]);
  result.cursor = m.place[1];
  result.blocks = m.place[2];
  return result;
}

}  // namespace

extern "C" {

size_t acre_arena_required_bytes(size_t payload) noexcept {
  return c::sum_or_none(arena<c::policy>::required_bytes(payload), c::control_bytes<acre_arena>());
}

acre_status acre_arena_create(acre_arena** arena, void* memory, size_t bytes,
                              const acre_lock* lock) noexcept {
  if (arena == nullptr) {
    return ACRE_INVALID_ARGUMENT;
  }
  *arena = nullptr;
  if (!c::is_complete(lock)) {
    return ACRE_INVALID_ARGUMENT;
  }
  region rest{memory, bytes};
  status result = status::ok;
  acre_arena* created = c::place<acre_arena>(rest, result, lock);
  if (created != nullptr) {
    result = created->allocator.init(rest);
  }
  return c::hand_over(arena, created, result);
}

acre_status acre_arena_destroy(acre_arena* arena) noexcept {
  return c::destroy(arena);
}

void* acre_arena_allocate(acre_arena* arena, size_t size) noexcept {
  return c::allocate(arena, size, default_alignment);
}

void* acre_arena_allocate_aligned(acre_arena* arena, size_t size, size_t align) noexcept {
  return c::allocate(arena, size, align);
}

acre_status acre_arena_free_sized(acre_arena* arena, void* block, size_t size) noexcept {
  return c::deallocate(arena, block, size, default_alignment);
}

acre_status acre_arena_free_aligned(acre_arena* arena, void* block, size_t size,
                                    size_t align) noexcept {
  return c::deallocate(arena, block, size, align);
}

acre_arena_mark acre_arena_get_mark(const acre_arena* arena) noexcept {
  return c::result_of(arena, acre_arena_mark{}, [](const auto& a) { return as_c(a.mark()); });
}

acre_status acre_arena_release_to(acre_arena* arena, acre_arena_mark position) noexcept {
  return c::status_of(arena, [&](auto& a) { return a.release_to(from_c(position)); });
}

acre_status acre_arena_reset(acre_arena* arena) noexcept {
  return c::status_of(arena, [](auto& a) {
    a.reset();
    return status::ok;
  });
}

bool acre_arena_owns(const acre_arena* arena, const void* p) noexcept {
  return c::owns(arena, p);
}

size_t acre_arena_largest_free(const acre_arena* arena) noexcept {
  return c::largest_free(arena);
}

acre_usage acre_arena_usage(const acre_arena* arena) noexcept {
  return c::usage_of(arena);
}

acre_status acre_arena_validate(const acre_arena* arena) noexcept {
  return c::validate(arena);
}

}  // extern "C"
