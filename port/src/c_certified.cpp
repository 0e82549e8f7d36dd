// SPDX-License-Identifier: MIT
#include <acre/certified.hpp>

#include "c_object.hpp"

namespace acre::inline ACRE_ABI::c {

using reserve = buddy<16, detail::unlocked<policy>>;
using budget = detail::run_time_budget<reserve>;

class run_time_certified
    : public detail::certified_shell<reserve, locked<heap<config::c_heap_max_bytes, policy, 0>>,
                                     budget, policy> {
 public:
  run_time_certified(const acre_workload& declared, const acre_lock* hooks) noexcept
      : certified_shell(hooks) {
    this->lock_.lock = hook_lock(hooks);
    static_cast<void>(declare({declared.peak_live, declared.largest, declared.smallest}));
  }
};

}  // namespace acre::c

using namespace acre;

struct acre_certified : c::object<c::run_time_certified, 8> {
  using object::object;
};

extern "C" {

size_t acre_certified_reserved_bytes(acre_workload budget) noexcept {
  c::budget declared;
  return declared.declare({budget.peak_live, budget.largest, budget.smallest})
             ? declared.reserved_bytes
             : SIZE_MAX;
}

acre_status acre_certified_create(acre_certified** certified, void* memory, size_t bytes,
                                  acre_workload budget, const acre_lock* lock) noexcept {
  if (certified == nullptr) {
    return ACRE_INVALID_ARGUMENT;
  }
  *certified = nullptr;
  if (acre_certified_reserved_bytes(budget) == SIZE_MAX || !c::is_complete(lock)) {
    return ACRE_INVALID_ARGUMENT;
  }
  region rest{memory, bytes};
  status result = status::ok;
  acre_certified* created = c::place<acre_certified>(rest, result, budget, lock);
  if (created != nullptr) {
    result = created->allocator.init(rest);
  }
  return c::hand_over(certified, created, result);
}

acre_status acre_certified_destroy(acre_certified* certified) noexcept {
  return c::destroy(certified);
}

void* acre_certified_allocate(acre_certified* certified, size_t size) noexcept {
  return c::allocate(certified, size, default_alignment);
}

void* acre_certified_allocate_aligned(acre_certified* certified, size_t size,
                                      size_t align) noexcept {
  return c::allocate(certified, size, align);
}

void* acre_certified_allocate_reserved(acre_certified* certified, size_t size) noexcept {
  return acre_certified_allocate_reserved_aligned(certified, size, default_alignment);
}

void* acre_certified_allocate_reserved_aligned(acre_certified* certified, size_t size,
                                               size_t align) noexcept {
  return c::result_of(certified, static_cast<void*>(nullptr), [&](auto& a) {
    return a.allocate_reserved(layout{size, align});
  });
}

acre_status acre_certified_free_sized(acre_certified* certified, void* block,
                                      size_t size) noexcept {
  return c::deallocate(certified, block, size, default_alignment);
}

acre_status acre_certified_free_aligned(acre_certified* certified, void* block, size_t size,
                                        size_t align) noexcept {
  return c::deallocate(certified, block, size, align);
}

size_t acre_certified_reserved_live(const acre_certified* certified) noexcept {
  return c::result_of(certified, size_t{0}, [](const auto& a) { return a.reserved_live(); });
}

bool acre_certified_owns(const acre_certified* certified, const void* p) noexcept {
  return c::owns(certified, p);
}

size_t acre_certified_largest_free(const acre_certified* certified) noexcept {
  return c::largest_free(certified);
}

acre_usage acre_certified_usage(const acre_certified* certified) noexcept {
  return c::usage_of(certified);
}

acre_status acre_certified_validate(const acre_certified* certified) noexcept {
  return c::validate(certified);
}

}  // extern "C"
