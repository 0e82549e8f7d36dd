// SPDX-License-Identifier: MIT
#include <acre/lockfree_pool.hpp>

#include "c_blocks.hpp"
#include "c_object.hpp"

namespace acre::inline ACRE_ABI::c {

using lockfree_engine =
    engine::lockfree_pool<engine::run_time, engine::run_time, level, detail::block_number,
                          detail::native_atomics<config::smp>>;

class run_time_lockfree_pool
    : public basic_allocator<lockfree_engine, policies<lock_free, checks<level>, no_observer>> {
 public:
  run_time_lockfree_pool(size_t stride, size_t align) noexcept {
    this->engine_.shape(stride, align);
  }
  [[nodiscard]] lockfree_engine& engine() noexcept {
    return this->engine_;
  }
  [[nodiscard]] const lockfree_engine& engine() const noexcept {
    return this->engine_;
  }
};

}  // namespace acre::c

using namespace acre;

struct acre_lockfree_pool : c::object<c::run_time_lockfree_pool, 2> {
  using object::object;
};

extern "C" {

size_t acre_lockfree_pool_required_bytes(size_t block_size, size_t align, size_t blocks) noexcept {
  size_t stride = 0;
  if (!c::shape_of(block_size, align, stride) ||
      blocks > detail::min_of(c::lockfree_engine::blocks_max, SIZE_MAX / 4 / stride)) {
    return SIZE_MAX;
  }
  return c::sum_or_none(c::lockfree_engine::bytes_for(blocks, stride),
                        c::control_bytes<acre_lockfree_pool>(align));
}

acre_status acre_lockfree_pool_create(acre_lockfree_pool** pool, void* memory, size_t bytes,
                                      size_t block_size, size_t align) noexcept {
  if (pool == nullptr) {
    return ACRE_INVALID_ARGUMENT;
  }
  *pool = nullptr;
  size_t stride = 0;
  if (!c::shape_of(block_size, align, stride)) {
    return ACRE_INVALID_ARGUMENT;
  }
  region rest{memory, bytes};
  status result = status::ok;
  acre_lockfree_pool* created = c::place<acre_lockfree_pool>(rest, result, stride, align);
  if (created != nullptr) {
    result = created->allocator.init(rest);
  }
  return c::hand_over(pool, created, result);
}

acre_status acre_lockfree_pool_destroy(acre_lockfree_pool* pool) noexcept {
  return c::destroy(pool);
}

void* acre_lockfree_pool_allocate(acre_lockfree_pool* pool) noexcept {
  return c::result_of(pool, static_cast<void*>(nullptr),
                      [](auto& a) { return a.engine().allocate(); });
}

void* acre_lockfree_pool_allocate_aligned(acre_lockfree_pool* pool, size_t size,
                                          size_t align) noexcept {
  return c::allocate(pool, size, align);
}

void* acre_lockfree_pool_try_allocate(acre_lockfree_pool* pool, unsigned attempts) noexcept {
  return c::result_of(pool, static_cast<void*>(nullptr),
                      [&](auto& a) { return a.engine().allocate(attempts); });
}

acre_status acre_lockfree_pool_free(acre_lockfree_pool* pool, void* block) noexcept {
  return c::status_of(pool, [&](auto& a) { return a.engine().deallocate(block); });
}

acre_status acre_lockfree_pool_free_sized(acre_lockfree_pool* pool, void* block,
                                          size_t size) noexcept {
  return c::deallocate(pool, block, size, 1);
}

size_t acre_lockfree_pool_take(acre_lockfree_pool* pool, void** blocks, size_t count) noexcept {
  return blocks == nullptr ? 0 : c::result_of(pool, size_t{0}, [&](auto& a) {
    return a.engine().take(blocks, count);
  });
}

acre_status acre_lockfree_pool_give(acre_lockfree_pool* pool, void* const* blocks,
                                    size_t count) noexcept {
  return blocks == nullptr
             ? ACRE_INVALID_ARGUMENT
             : c::status_of(pool, [&](auto& a) { return a.engine().give(blocks, count); });
}

bool acre_lockfree_pool_owns(const acre_lockfree_pool* pool, const void* p) noexcept {
  return c::owns(pool, p);
}

size_t acre_lockfree_pool_usable_size(const acre_lockfree_pool* pool) noexcept {
  return c::result_of(pool, size_t{0}, [](const auto& a) { return a.engine().geometry.stride; });
}

size_t acre_lockfree_pool_largest_free(const acre_lockfree_pool* pool) noexcept {
  return c::largest_free(pool);
}

acre_usage acre_lockfree_pool_usage(const acre_lockfree_pool* pool) noexcept {
  return c::usage_of(pool);
}

acre_status acre_lockfree_pool_validate(const acre_lockfree_pool* pool) noexcept {
  return c::validate(pool);
}

}  // extern "C"
