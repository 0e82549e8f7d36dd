// SPDX-License-Identifier: MIT
#include <acre/pool.hpp>

#include "c_blocks.hpp"
#include "c_object.hpp"

namespace acre::inline ACRE_ABI::c {

class run_time_pool
    : public detail::pool_shell<detail::pool_engine<engine::run_time, engine::run_time, level>,
                                policy> {
 public:
  run_time_pool(size_t stride, size_t align, const acre_lock* hooks) noexcept {
    this->lock_.lock = hook_lock(hooks);
    this->engine_.shape(stride, align);
  }
  [[nodiscard]] const engine::pool_geometry& geometry() const noexcept {
    return this->engine_.geometry;
  }
};

}  // namespace acre::c

using namespace acre;

struct acre_pool : c::object<c::run_time_pool, 1> {
  using object::object;
};

extern "C" {

size_t acre_pool_required_bytes(size_t block_size, size_t align, size_t blocks) noexcept {
  size_t stride = 0;
  if (!c::shape_of(block_size, align, stride) || blocks > SIZE_MAX / 4 / stride) {
    return SIZE_MAX;
  }
  return c::sum_or_none(c::run_time_pool::engine_type::bytes_for(blocks, stride),
                        c::control_bytes<acre_pool>(align));
}

acre_status acre_pool_create(acre_pool** pool, void* memory, size_t bytes, size_t block_size,
                             size_t align, const acre_lock* lock) noexcept {
  if (pool == nullptr) {
    return ACRE_INVALID_ARGUMENT;
  }
  *pool = nullptr;
  size_t stride = 0;
  if (!c::shape_of(block_size, align, stride) || !c::is_complete(lock)) {
    return ACRE_INVALID_ARGUMENT;
  }
  region rest{memory, bytes};
  status result = status::ok;
  acre_pool* created = c::place<acre_pool>(rest, result, stride, align, lock);
  if (created != nullptr) {
    result = created->allocator.init(rest);
  }
  return c::hand_over(pool, created, result);
}

acre_status acre_pool_destroy(acre_pool* pool) noexcept {
  return c::destroy(pool);
}

void* acre_pool_allocate(acre_pool* pool) noexcept {
  return c::result_of(pool, static_cast<void*>(nullptr), [](auto& a) { return a.allocate(); });
}

void* acre_pool_allocate_aligned(acre_pool* pool, size_t size, size_t align) noexcept {
  return c::allocate(pool, size, align);
}

acre_status acre_pool_free(acre_pool* pool, void* block) noexcept {
  return c::status_of(pool, [&](auto& a) { return a.deallocate(block); });
}

acre_status acre_pool_free_sized(acre_pool* pool, void* block, size_t size) noexcept {
  return c::deallocate(pool, block, size, 1);
}

bool acre_pool_owns(const acre_pool* pool, const void* p) noexcept {
  return c::owns(pool, p);
}

size_t acre_pool_usable_size(const acre_pool* pool) noexcept {
  return c::result_of(pool, size_t{0}, [](const auto& a) { return a.geometry().stride; });
}

size_t acre_pool_largest_free(const acre_pool* pool) noexcept {
  return c::largest_free(pool);
}

acre_usage acre_pool_usage(const acre_pool* pool) noexcept {
  return c::usage_of(pool);
}

size_t acre_pool_walk(const acre_pool* pool, void (*visit)(void* block, void* context),
                      void* context) noexcept {
  return c::result_of(pool, size_t{0}, [&](const auto& a) {
    size_t visited = 0;
    if constexpr (c::level != check_level::none) {
      if (visit != nullptr) {
        a.for_each_live([&](void* block) {
          ++visited;
          visit(block, context);
        });
      }
    }
    return visited;
  });
}

acre_status acre_pool_validate(const acre_pool* pool) noexcept {
  return c::validate(pool);
}

}  // extern "C"
