// SPDX-License-Identifier: MIT
#include <acre/basic_allocator.hpp>
#include <acre/engine/buddy.hpp>

#include "c_object.hpp"

namespace acre::inline ACRE_ABI::c {

/// Knows its smallest block at run time.
class run_time_buddy_engine : public engine::buddy<level> {
 public:
  status init(region memory) noexcept {
    return engine::buddy<level>::init(memory, detail::floor_log2(smallest));
  }

  size_t smallest = 0;
};

class run_time_buddy : public basic_allocator<run_time_buddy_engine, policy> {
 public:
  run_time_buddy(size_t smallest, const acre_lock* hooks) noexcept {
    this->lock_.lock = hook_lock(hooks);
    this->engine_.smallest = smallest;
  }
  [[nodiscard]] size_t smallest() const noexcept {
    return this->engine_.smallest;
  }
};

constexpr bool is_smallest(size_t bytes) noexcept {
  return bytes > 1 && bytes <= SIZE_MAX / 128 && detail::is_power_of_two(bytes);
}

}  // namespace acre::c

using namespace acre;

struct acre_buddy : c::object<c::run_time_buddy, 5> {
  using object::object;
};

extern "C" {

size_t acre_buddy_required_bytes(size_t smallest_block, size_t peak_live, size_t largest) noexcept {
  if (!c::is_smallest(smallest_block)) {
    return SIZE_MAX;
  }
  return c::sum_or_none(
      engine::buddy_core::required_bytes(peak_live, detail::max_of(largest, smallest_block),
                                         smallest_block, smallest_block, alignof(acre_buddy)),
      c::control_bytes<acre_buddy>());
}

acre_status acre_buddy_create(acre_buddy** buddy, void* memory, size_t bytes, size_t smallest_block,
                              const acre_lock* lock) noexcept {
  if (buddy == nullptr) {
    return ACRE_INVALID_ARGUMENT;
  }
  *buddy = nullptr;
  if (!c::is_smallest(smallest_block) || !c::is_complete(lock)) {
    return ACRE_INVALID_ARGUMENT;
  }
  region rest{memory, bytes};
  status result = status::ok;
  acre_buddy* created = c::place<acre_buddy>(rest, result, smallest_block, lock);
  if (created != nullptr) {
    result = created->allocator.init(rest);
  }
  return c::hand_over(buddy, created, result);
}

acre_status acre_buddy_destroy(acre_buddy* buddy) noexcept {
  return c::destroy(buddy);
}

void* acre_buddy_allocate(acre_buddy* buddy, size_t size) noexcept {
  return c::allocate(buddy, size, default_alignment);
}

void* acre_buddy_allocate_aligned(acre_buddy* buddy, size_t size, size_t align) noexcept {
  return c::allocate(buddy, size, align);
}

acre_status acre_buddy_free_sized(acre_buddy* buddy, void* block, size_t size) noexcept {
  return c::deallocate(buddy, block, size, default_alignment);
}

acre_status acre_buddy_free_aligned(acre_buddy* buddy, void* block, size_t size,
                                    size_t align) noexcept {
  return c::deallocate(buddy, block, size, align);
}

size_t acre_buddy_block_size(const acre_buddy* buddy, size_t size, size_t align) noexcept {
  return c::result_of(buddy, size_t{0}, [&](const auto& a) {
    const layout wanted{size, align};
    return wanted.valid() ? engine::buddy_core::block_bytes(wanted, a.smallest()) : 0;
  });
}

bool acre_buddy_owns(const acre_buddy* buddy, const void* p) noexcept {
  return c::owns(buddy, p);
}

size_t acre_buddy_largest_free(const acre_buddy* buddy) noexcept {
  return c::largest_free(buddy);
}

acre_usage acre_buddy_usage(const acre_buddy* buddy) noexcept {
  return c::usage_of(buddy);
}

acre_status acre_buddy_validate(const acre_buddy* buddy) noexcept {
  return c::validate(buddy);
}

}  // extern "C"
