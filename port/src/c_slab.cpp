// SPDX-License-Identifier: MIT
#include <acre/basic_allocator.hpp>
#include <acre/engine/slab.hpp>
#include <acre/engine/slab_run_time.hpp>
#include <acre/slab.hpp>

#include "c_object.hpp"

namespace acre::inline ACRE_ABI::c {

using tables = engine::slab_run_time_tables<config::slab_metadata_out_of_band>;

/// The tables lie in front of the slabs, in the same region.
class run_time_slab_engine : public engine::slab<level, tables, detail::plain_objects> {
 public:
  using tables::block_size;

  void describe(void* memory, const size_t* sizes, size_t class_count, size_t slab_bytes) noexcept {
    partial_ = tables::describe(memory, sizes, class_count, slab_bytes, level == check_level::full);
  }
};

class run_time_slab : public basic_allocator<run_time_slab_engine, policy> {
 public:
  explicit run_time_slab(const acre_lock* hooks) noexcept {
    this->lock_.lock = hook_lock(hooks);
  }
  [[nodiscard]] status init(region memory, const size_t* sizes, size_t count,
                            size_t slab_bytes) noexcept {
    const size_t taken = tables::bytes_for(count, sizes[count - 1]);
    if (memory.size <= taken) {
      return status::region_too_small;
    }
    this->engine_.describe(memory.begin, sizes, count, slab_bytes);
    return basic_allocator::init(
        {static_cast<unsigned char*>(memory.begin) + taken, memory.size - taken});
  }
  [[nodiscard]] size_t block_size(layout l) const noexcept {
    return this->engine_.block_size(l);
  }
};

constexpr size_t slab_bytes_of(size_t given) noexcept {
  return given == 0 ? config::slab_bytes : given;
}

}  // namespace acre::c

using namespace acre;

struct acre_slab : c::object<c::run_time_slab, 6> {
  using object::object;
};

extern "C" {

size_t acre_slab_blocks_per_slab(size_t block_size, size_t slab_bytes) noexcept {
  const size_t bytes = c::slab_bytes_of(slab_bytes);
  return c::tables::valid(&block_size, 1, bytes)
             ? engine::slab_class::of(block_size, 1, bytes, config::slab_metadata_out_of_band)
                   .objects
             : 0;
}

size_t acre_slab_required_bytes(const size_t* sizes, size_t count, size_t slab_bytes,
                                size_t slabs) noexcept {
  const size_t bytes = c::slab_bytes_of(slab_bytes);
  if (sizes == nullptr || !c::tables::valid(sizes, count, bytes)) {
    return SIZE_MAX;
  }
  const size_t each = c::tables::bytes_for_slab(sizes, bytes);
  const size_t align = c::tables::align_for(sizes, count, bytes);
  const size_t fixed =
      c::control_bytes<acre_slab>() + c::tables::bytes_for(count, sizes[count - 1]) + align - 1;
  return slabs > SIZE_MAX / 4 / each ? SIZE_MAX : c::sum_or_none(slabs * each, fixed);
}

acre_status acre_slab_create(acre_slab** slab, void* memory, size_t bytes, const size_t* sizes,
                             size_t count, size_t slab_bytes, const acre_lock* lock) noexcept {
  if (slab == nullptr) {
    return ACRE_INVALID_ARGUMENT;
  }
  *slab = nullptr;
  const size_t each = c::slab_bytes_of(slab_bytes);
  if (sizes == nullptr || !c::tables::valid(sizes, count, each) || !c::is_complete(lock)) {
    return ACRE_INVALID_ARGUMENT;
  }
  region rest{memory, bytes};
  status result = status::ok;
  acre_slab* created = c::place<acre_slab>(rest, result, lock);
  if (created != nullptr) {
    result = created->allocator.init(rest, sizes, count, each);
  }
  return c::hand_over(slab, created, result);
}

acre_status acre_slab_destroy(acre_slab* slab) noexcept {
  return c::destroy(slab);
}

void* acre_slab_allocate(acre_slab* slab, size_t size) noexcept {
  return c::allocate(slab, size, default_alignment);
}

void* acre_slab_allocate_aligned(acre_slab* slab, size_t size, size_t align) noexcept {
  return c::allocate(slab, size, align);
}

acre_status acre_slab_free_sized(acre_slab* slab, void* block, size_t size) noexcept {
  return c::deallocate(slab, block, size, default_alignment);
}

acre_status acre_slab_free_aligned(acre_slab* slab, void* block, size_t size,
                                   size_t align) noexcept {
  return c::deallocate(slab, block, size, align);
}

size_t acre_slab_block_size(const acre_slab* slab, size_t size, size_t align) noexcept {
  return c::result_of(slab, size_t{0}, [&](const auto& a) {
    return a.block_size(layout{size, align});
  });
}

bool acre_slab_owns(const acre_slab* slab, const void* p) noexcept {
  return c::owns(slab, p);
}

size_t acre_slab_largest_free(const acre_slab* slab) noexcept {
  return c::largest_free(slab);
}

acre_usage acre_slab_usage(const acre_slab* slab) noexcept {
  return c::usage_of(slab);
}

acre_status acre_slab_validate(const acre_slab* slab) noexcept {
  return c::validate(slab);
}

}  // extern "C"
